package io.realign.data;

import java.math.BigInteger;
import java.util.Comparator;

/** Names as people sort them: {@code 2.png} before {@code 10.png}. */
enum NaturalOrder implements Comparator<String> {
  INSTANCE;

  @Override
  public int compare(String a, String b) {
    int i = 0;
    int j = 0;
    while (i < a.length() && j < b.length()) {
      int order;
      if (digit(a, i) && digit(b, j)) {
        int endA = endOfNumber(a, i);
        int endB = endOfNumber(b, j);
        order =
            new BigInteger(a.substring(i, endA)).compareTo(new BigInteger(b.substring(j, endB)));
        i = endA;
        j = endB;
      } else {
        order = Character.compare(a.charAt(i++), b.charAt(j++));
      }
      if (order != 0) {
        return order;
      }
    }
    int rest = Integer.compare(a.length() - i, b.length() - j);
    return rest != 0 ? rest : a.compareTo(b); // 01 and 1 are not the same name
  }

  private static boolean digit(String name, int at) {
    return name.charAt(at) >= '0' && name.charAt(at) <= '9';
  }

  private static int endOfNumber(String name, int start) {
    int end = start;
    while (end < name.length() && digit(name, end)) {
      end++;
    }
    return end;
  }
}
