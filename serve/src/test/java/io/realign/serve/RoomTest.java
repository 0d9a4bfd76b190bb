package io.realign.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** What is taken is given back, once. */
final class RoomTest {

  @Test
  void aStayGivesBackWhatItNoLongerNeedsAndThenTheRest() {
    Room room = new Room("things", 10, () -> 7);
    Room.Stay stay = room.enter(8);
    assertThat(stay.shrink(9)).as("it never grows").isEqualTo(8);
    assertThat(stay.shrink(3)).isEqualTo(3);
    assertThat(room.taken()).isEqualTo(3);
    Room.Stay other = room.enter(7);
    assertThatThrownBy(() -> room.enter(1)).hasMessage("no room for more things now");
    stay.close();
    stay.close();
    assertThat(room.taken()).isEqualTo(7);
    other.close();
    assertThat(room.taken()).isZero();
  }
}
