package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.Catalog;
import io.realign.io.InputException;
import io.realign.torch.Seed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetsTest {

  private static final Datasets.Options STANDARD = Datasets.Options.standard();

  private final Path dir;

  DatasetsTest(@TempDir Path dir) {
    this.dir = dir;
  }

  private static Dataset scenes(Part part) {
    return Datasets.open("scenes", Optional.empty(), part, STANDARD);
  }

  @Test
  void splitsValidationOffTheTrainingImages() {
    Subset train = (Subset) scenes(Part.TRAIN);
    Subset val = (Subset) scenes(Part.VAL);

    assertThat(train.size()).isEqualTo(47_500);
    assertThat(val.size()).isEqualTo(2_500);
    assertThat(
            IntStream.concat(Arrays.stream(train.indices()), Arrays.stream(val.indices())).sorted())
        .containsExactlyElementsOf(IntStream.range(0, 50_000).boxed().toList());
    assertThat(scenes(Part.TEST).size()).isEqualTo(10_000);
  }

  @Test
  void splitsAlikeForTheSameSeedAlone() {
    Dataset whole = Scenes.standard(32, Part.TEST);

    assertThat(Split.of(whole, 100, Seed.of(1)).val().indices())
        .isEqualTo(Split.of(whole, 0.01, Seed.of(1)).val().indices())
        .isNotEqualTo(Split.of(whole, 100, Seed.of(2)).val().indices());
  }

  @Test
  void takesTheFirstImages() {
    Subset val = (Subset) scenes(Part.VAL);

    assertThat(val.first(3).size()).isEqualTo(3);
    assertThat(val.first(3).get(2).image().rgb()).isEqualTo(val.get(2).image().rgb());
    assertThat(val.first(9_999)).isSameAs(val);
    assertThatThrownBy(() -> val.first(3).get(3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void keepsWhatWasReadOnce() {
    Cached cached = new Cached(scenes(Part.TEST));

    assertThat(cached.get(4)).isSameAs(cached.get(4));
    assertThat(cached.get(4).image().rgb()).isEqualTo(scenes(Part.TEST).get(4).image().rgb());
  }

  @Test
  void showsScenesOfOneObjectWithWhateverLabelIsWanted() {
    Datasets.Options boxes = STANDARD.labelled(Labelling.BOXES);
    Dataset single = Datasets.open("scenes-single", Optional.empty(), Part.TEST, boxes.sized(64));

    assertThat(single.name()).isEqualTo("scenes-single");
    for (int i = 0; i < 20; i++) {
      assertThat(single.get(i).image().rgb())
          .isEqualTo(Scenes.standard(64, Part.TEST).get(i).image().rgb());
      assertThat(single.get(i).annotation().boxes()).hasSize(1);
    }
  }

  @Test
  void opensCifarAndPassesItsNotesOn() throws IOException {
    CifarFiles.cifar10(dir, 40, 3);
    Dataset train = Datasets.open("cifar10", Optional.of(dir), Part.TRAIN, STANDARD);

    assertThat(train.size()).isEqualTo(38);
    assertThat(train.notes()).singleElement().asString().contains("40 images");
  }

  @Test
  void namesAFetchOnlyWhereThereIsOne() {
    Pattern fetch = Pattern.compile("`realign data fetch ([^`]*)`");
    for (String name : Datasets.names()) {
      if (!Datasets.isDrawn(name)) {
        Datasets.Options options = STANDARD.labelled(Datasets.labellings(name).getFirst());
        assertThatThrownBy(() -> Datasets.open(name, Optional.empty(), Part.TEST, options))
            .isInstanceOf(InputException.class)
            .hasMessageStartingWith(name + " needs --data-dir: the folder ")
            .satisfies(
                e ->
                    assertThat(fetch.matcher(e.getMessage()).results())
                        .allMatch(found -> Catalog.official().names().contains(found.group(1))));
      }
    }
    Datasets.Options masks = STANDARD.labelled(Labelling.MASKS);
    assertThatThrownBy(() -> Datasets.open("voc0712", Optional.empty(), Part.TEST, masks))
        .hasMessageContainingAll("fetch voc2007`", "fetch voc2012`");
    assertThatThrownBy(() -> Datasets.open("camvid", Optional.empty(), Part.TEST, masks))
        .hasMessageContainingAll("CamVid/{train,val,test}.txt", "mi.eng.cam.ac.uk");
    assertThatThrownBy(() -> Datasets.open("cityscapes", Optional.empty(), Part.TEST, masks))
        .hasMessageContainingAll("leftImg8bit", "gtFine", "www.cityscapes-dataset.com");
  }

  @Test
  void saysWhichNamesThereAreAndWhatTheyNeed() {
    assertThatThrownBy(() -> Datasets.open("cifar", Optional.empty(), Part.TEST, STANDARD))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "unknown dataset 'cifar': one of scenes, scenes-single, cifar10, cifar100, tiny-imagenet,"
                + " folder, voc2012, voc2007, voc0712, coco, voc-folder, mask-folder, camvid, cityscapes");
    assertThatThrownBy(() -> Datasets.open("cifar10", Optional.empty(), Part.TEST, STANDARD))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("cifar10 needs --data-dir");
    assertThatThrownBy(
            () ->
                Datasets.open(
                    "cifar10",
                    Optional.of(dir),
                    Part.TEST,
                    new Datasets.Options(64, 0.05, Seed.of(0))))
        .isInstanceOf(InputException.class)
        .hasMessage("cifar10 has images of 32 pixels, not 64");
    assertThatThrownBy(() -> new Datasets.Options(0, 1, Seed.of(0)))
        .isInstanceOf(InputException.class);
    assertThatThrownBy(() -> Part.of("dev")).hasMessageContaining("one of train, val, test");
  }
}
