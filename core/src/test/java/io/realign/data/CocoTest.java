package io.realign.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.realign.io.Images;
import io.realign.io.InputException;
import io.realign.io.Pixels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CocoTest {

  private static final String JSON =
      """
      {"info": {"year": 2017, "nested": [1, {"a": 2}]},
       "images": [{"id": 9, "file_name": "a.png", "width": 20, "height": 10},
                  {"id": 4, "file_name": "b.png", "width": 20, "height": 10}],
       "annotations": [
         {"id": 1, "image_id": 9, "category_id": 44, "bbox": [2, 1, 8, 5], "iscrowd": 0,
          "segmentation": [[1, 2, 3]], "area": 40.5},
         {"id": 2, "image_id": 9, "category_id": 3, "bbox": [0, 0, 20, 10], "iscrowd": 1},
         {"id": 3, "image_id": 9, "category_id": 3, "bbox": [15, 5, 8, 2]},
         {"id": 5, "image_id": 9, "category_id": 3, "bbox": [5, 5, 0, 2]}],
       "categories": [{"id": 44, "name": "bottle", "supercategory": "x"}, {"id": 3, "name": "car"}]}
      """;

  @TempDir private Path root;

  @BeforeEach
  void images() throws IOException {
    Files.createDirectories(root.resolve("images"));
    Files.createDirectories(root.resolve("annotations"));
    for (String name : List.of("a.png", "b.png")) {
      Images.writePng(root.resolve("images").resolve(name), new Pixels(10, 20, new byte[600]));
    }
  }

  private Dataset open(String json) throws IOException {
    Files.writeString(root.resolve("annotations/val.json"), json);
    return Datasets.open(
        "coco",
        Optional.of(root),
        Part.TEST,
        Datasets.Options.standard().sized(40).labelled(Labelling.BOXES));
  }

  @Test
  void numbersCategoriesByIdAndStretchesBoxesWithTheImage() throws IOException {
    Dataset coco = open(JSON);
    assertThat(coco.classes()).containsExactly("car", "bottle");
    assertThat(coco.size()).isEqualTo(2);
    Sample sample = coco.get(0);
    assertThat(sample.image().width()).isEqualTo(40);
    assertThat(sample.annotation().boxes())
        .containsExactly(
            new Box(1, 4, 4, 20, 24),
            new Box(0, 0, 0, 40, 40, true), // a crowd
            new Box(0, 30, 20, 40, 28)); // cut at the frame
    assertThat(coco.get(1).annotation().boxes()).isEmpty();
    assertThat(coco.notes())
        .containsExactly(
            "val.json: annotation 3 reaches beyond the image, cut",
            "val.json: annotation 5 covers nothing, left out");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"bbox\": [2, 1, 8, 5] | \"bbox\": [2, 1, 8] | annotation 1: bbox is [2.0, 1.0, 8.0], expected four numbers",
        "\"bbox\": [2, 1, 8, 5] | \"bbox\": [2, null, 8, 5] | annotation 1: bbox is",
        "\"category_id\": 44 | \"category_id\": 45 | annotation 1 is of category 45, which is not listed",
        "\"image_id\": 9 | \"image_id\": 8 | annotation 1 is of image 8, which is not listed",
        "\"id\": 4 | \"id\": 9 | image 9 is there twice",
        "\"file_name\": \"b.png\" | \"file_name\": \"../../b.png\" | image 4: file_name '../../b.png' leaves the folder",
        "\"file_name\": \"b.png\", | '' | image 4 has no file_name",
        "\"name\": \"car\" | \"nam\": 1 | category 3 has no name",
        "\"categories\" | \"cats\" | has no categories",
        "{\"info\" | [\"info\" | is no object with images, annotations and categories",
        "\"id\": 2, | \"id\": 2.5, | annotation number 1: id is 2.5, no whole number",
        "\"images\": [ | \"images\": [} | damaged JSON in line 2",
      })
  void namesTheEntryThatIsWrong(String old, String now, String said) {
    assertThatThrownBy(() -> open(JSON.replace(old, now)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("val.json")
        .hasMessageContaining(said)
        .hasMessageNotContaining("\n");
  }

  @Test
  void refusesATruncatedFileAndAnImageOfAnotherSize() throws IOException {
    assertThatThrownBy(() -> open(JSON.substring(0, JSON.length() / 2)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("damaged JSON in line");
    Dataset coco = open(JSON.replace("\"width\": 20", "\"width\": 21"));
    assertThatThrownBy(() -> coco.get(0)).hasMessageContaining("its annotation says 21×10");
  }

  @Test
  void readsTheOfficialNamesAndRefusesOtherCategories() throws IOException {
    Path folder = root.resolve("annotations");
    Files.writeString(folder.resolve("instances_train2017.json"), JSON);
    Files.createDirectories(root.resolve("train2017"));
    for (String name : List.of("a.png", "b.png")) {
      Files.move(root.resolve("images").resolve(name), root.resolve("train2017").resolve(name));
    }
    assertThat(Coco.open(root, Part.TRAIN, 8).get(1).image().width()).isEqualTo(8);
    assertThatThrownBy(() -> open(JSON.replace("bottle", "vase")))
        .hasMessageContaining("has other categories than instances_train2017.json");
  }

  @Test
  void splitsASingleFile() throws IOException {
    Files.writeString(root.resolve("annotations.json"), JSON);
    Dataset train = Coco.open(root, Part.TRAIN, 8);
    Dataset test = Coco.open(root, Part.TEST, 8);
    assertThat(train.size() + test.size()).isEqualTo(2);
    assertThat(train.notes()).anyMatch(note -> note.contains("a tenth of its images"));
    Files.delete(root.resolve("annotations.json"));
    assertThatThrownBy(() -> Coco.open(root, Part.TEST, 8))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("expected DIR/annotations/");
  }
}
