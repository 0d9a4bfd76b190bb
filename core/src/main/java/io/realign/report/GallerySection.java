package io.realign.report;

import io.realign.io.Pixels;
import java.awt.Color;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Example images in HTML. */
final class GallerySection {

  private final Gallery gallery;
  private final List<Gallery.Row> rows;
  private final int factor;

  private GallerySection(Gallery gallery) {
    this.gallery = gallery;
    rows = gallery.rows().subList(0, Math.min(Gallery.MOST, gallery.rows().size()));
    int largest = 1;
    for (Gallery.Row row : rows) {
      largest =
          Math.max(largest, Images.largestDifference(row.attacked().image(), row.clean().image()));
    }
    factor = Math.max(1, 127 / largest);
  }

  static String html(Gallery gallery) {
    return new GallerySection(gallery).html();
  }

  private String html() {
    StringBuilder out = new StringBuilder();
    out.append(Page.paragraph("lead", gallery.caption()));
    out.append("<ol class=\"gallery\">\n");
    for (Gallery.Row row : rows) {
      out.append(
          "<li><p class=\"truth\">%s</p><div class=\"shots n%d\">"
              .formatted(
                  Text.html(row.truth()),
                  row.shots().size()
                      + (row.repaired().isPresent() ? 2 : 1)
                      + (row.drawn().isPresent() ? 1 : 0)));
      row.drawn().ifPresent(drawn -> out.append(truth(drawn.image(), row.truth())));
      out.append(shot("clean", "x<sub>c</sub>", row.clean(), row.truth()));
      out.append(shot("attacked", "x<sub>a</sub>", row.attacked(), row.truth()));
      row.repaired().ifPresent(s -> out.append(shot("repaired", "x̂<sub>a</sub>", s, row.truth())));
      row.repairedClean()
          .ifPresent(s -> out.append(shot("clean, repaired", "x̂<sub>c</sub>", s, row.truth())));
      Pixels clean = row.clean().image();
      out.append(
          difference(
              "x<sub>a</sub> − x<sub>c</sub>",
              "attack",
              Images.difference(row.attacked().image(), clean, factor)));
      row.repaired()
          .ifPresent(
              s ->
                  out.append(
                      difference(
                          "x̂<sub>a</sub> − x<sub>c</sub>",
                          "left after repair",
                          Images.difference(s.image(), clean, factor))));
      out.append("</div></li>\n");
    }
    return out.append("</ol>\n").append(legend()).toString();
  }

  /** What the colours on the images that are shown stand for; nothing where there are none. */
  private String legend() {
    Collection<Gallery.Key> keys = keys();
    if (keys.isEmpty()) {
      return "";
    }
    StringBuilder out =
        new StringBuilder("<ul class=\"legend classes\" aria-label=\"Colours of the classes\">");
    for (Gallery.Key key : keys) {
      out.append(
          "<li><span class=\"swatch\"%s></span>%s</li>"
              .formatted(
                  key.colour().map(GallerySection::background).orElse(""),
                  Text.html(key.name() + (key.colour().isEmpty() ? " (left bare)" : ""))));
    }
    return out.append("</ul>\n").toString();
  }

  private Collection<Gallery.Key> keys() {
    Map<Integer, Gallery.Key> keys = new TreeMap<>();
    rows.stream()
        .flatMap(
            row ->
                Stream.concat(
                    Stream.of(row.drawn()), row.shots().stream().map(Gallery.Shot::drawn)))
        .flatMap(Optional::stream)
        .flatMap(drawing -> drawing.key().stream())
        .forEach(key -> keys.put(key.label(), key));
    return keys.values();
  }

  private static String background(Color colour) {
    return " style=\"background:#%06x\"".formatted(colour.getRGB() & 0xffffff);
  }

  private static String shot(String words, String symbol, Gallery.Shot shot, String truth) {
    String verdict = shot.correct() ? "right" : "wrong";
    return "<figure class=\"%s\">%s<figcaption><span class=\"what\">%s</span> <span class=\"kind\">%s</span><span class=\"said\"><b aria-label=\"%s\">%s</b> %s <span class=\"score\">%s</span></span></figcaption></figure>"
        .formatted(
            verdict,
            image(shot.shown(), "%s, %s image".formatted(truth, words)),
            symbol,
            words,
            verdict,
            shot.correct() ? "✓" : "✗",
            Text.html(shot.prediction()),
            Text.fixed(100 * shot.score(), 0) + "\u00a0%");
  }

  private static String truth(Pixels image, String truth) {
    return "<figure class=\"difference\">%s<figcaption><span class=\"what\">y</span> <span class=\"kind\">truth</span></figcaption></figure>"
        .formatted(image(image, truth + ", truth"));
  }

  private String difference(String symbol, String words, Pixels image) {
    return "<figure class=\"difference\">%s<figcaption><span class=\"what\">%s</span> <span class=\"kind\">%s</span><span class=\"said\">magnified ×\u00a0%d</span></figcaption></figure>"
        .formatted(
            image(image, words + ", magnified " + factor + " times; grey is no change"),
            symbol,
            words,
            factor);
  }

  private static String image(Pixels image, String alt) {
    return "<img%s src=\"%s\" width=\"%d\" height=\"%d\" alt=\"%s\">"
        .formatted(
            Math.max(image.width(), image.height()) <= 128 ? " class=\"small\"" : "",
            Images.dataUri(image),
            image.width(),
            image.height(),
            Text.html(alt));
  }
}
