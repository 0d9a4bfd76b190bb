package io.realign.target;

import io.realign.data.Labelling;
import io.realign.io.InputException;
import io.realign.nn.StateDict;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The architectures known by name. */
public final class Architectures {

  private static final Pattern CIFAR = Pattern.compile("cifar-resnet(\\d{1,4})");
  private static final Pattern WIDE = Pattern.compile("wrn-(\\d{1,3})-(\\d{1,2})");
  private static final Pattern COMPACT_SSD = Pattern.compile("ssd-compact-(\\d{2,4})");
  private static final UnaryOperator<StateDict> AS_THEY_ARE = UnaryOperator.identity();

  /** What the authors of {@code cnn_a} divide by. */
  private static final Normalisation CNN_A =
      Normalisation.of(new double[] {0.485, 0.456, 0.406}, new double[] {0.225, 0.225, 0.225});

  /** 255x/128 − 1. */
  private static final Normalisation BY_128 =
      Normalisation.of(
          new double[] {128 / 255.0, 128 / 255.0, 128 / 255.0},
          new double[] {128 / 255.0, 128 / 255.0, 128 / 255.0});

  /** Caffe's means; values are 0 to 255. torchvision's SSD300 has the same. */
  private static final Normalisation CAFFE =
      Normalisation.of(
          new double[] {0.48235, 0.45882, 0.40784}, new double[] {1 / 255.0, 1 / 255.0, 1 / 255.0});

  private static final List<Architecture> FIXED =
      List.of(
          resNet50("resnet50-cifar", 32, 1, Normalisation.CIFAR10),
          resNet50("resnet50-64", 64, 2, Normalisation.IMAGENET),
          new Architecture(
              "cifar-adv-resnet2b",
              32,
              false,
              10,
              Normalisation.CIFAR10,
              "linear2",
              RobustResNet::new,
              AS_THEY_ARE),
          new Architecture(
              "cifar-adv-cnn-a", 32, false, 10, CNN_A, "7", RobustCnn::new, AS_THEY_ARE),
          new Architecture(
              "mobilenet-v2",
              224,
              true,
              1001,
              Normalisation.SYMMETRIC,
              "top",
              MobileNetV2::new,
              MobileNetV2::fromTensorFlow),
          new Architecture(
              "deeplabv3-mobilenet-v2",
              257,
              true,
              21,
              Normalisation.SYMMETRIC,
              "logits",
              DeepLabMobileNet::new,
              DeepLabMobileNet::fromTensorFlow,
              Labelling.MASKS),
          new Architecture(
              "ssd-mobilenet-v1",
              300,
              false,
              20,
              BY_128,
              "",
              SsdMobileNet::new,
              SsdMobileNet::fromTensorFlow,
              Labelling.BOXES),
          new Architecture(
              "pspnet-resnet50",
              473,
              true,
              21,
              Normalisation.IMAGENET,
              "classifier.4",
              PspNet::new,
              AS_THEY_ARE,
              Labelling.MASKS),
          new Architecture(
              "deeplabv3-resnet50",
              513,
              true,
              21,
              Normalisation.IMAGENET,
              "classifier.4",
              DeepLabV3::new,
              AS_THEY_ARE,
              Labelling.MASKS),
          new Architecture(
              "deeplabv3-compact",
              128,
              true,
              21,
              Normalisation.IMAGENET,
              "classifier.4",
              CompactDeepLab::new,
              AS_THEY_ARE,
              Labelling.MASKS),
          new Architecture(
              "ssd300-vgg16", 300, false, 20, CAFFE, "", Ssd300::new, AS_THEY_ARE, Labelling.BOXES),
          new Architecture(
              "rfbnet300-vgg16",
              300,
              false,
              20,
              CAFFE,
              "",
              RfbNet300::new,
              AS_THEY_ARE,
              Labelling.BOXES),
          new Architecture(
              "scenes-net",
              32,
              true,
              10,
              Normalisation.SYMMETRIC,
              "linear",
              CompactResNet::new,
              AS_THEY_ARE));

  private Architectures() {}

  /**
   * The names; {@code D}, {@code K} and {@code S} stand for depth, width and image size of the
   * user's choice.
   */
  public static List<String> names() {
    return Stream.concat(
            Stream.of("cifar-resnetD", "wrn-D-K", "ssd-compact-S"),
            FIXED.stream().map(Architecture::name))
        .toList();
  }

  /**
   * The architecture of that name.
   *
   * @throws InputException that lists the names, for another
   */
  public static Architecture of(String name) {
    Matcher cifar = CIFAR.matcher(name);
    if (cifar.matches()) {
      return cifarResNet(name, Integer.parseInt(cifar.group(1)));
    }
    Matcher wide = WIDE.matcher(name);
    if (wide.matches()) {
      return wideResNet(name, Integer.parseInt(wide.group(1)), Integer.parseInt(wide.group(2)));
    }
    Matcher ssd = COMPACT_SSD.matcher(name);
    if (ssd.matches()) {
      return compactSsd(name, Integer.parseInt(ssd.group(1)));
    }
    return FIXED.stream()
        .filter(architecture -> architecture.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new InputException(
                    "unknown architecture '%s': one of %s"
                        .formatted(name, String.join(", ", names()))));
  }

  private static Architecture compactSsd(String name, int side) {
    if (side < 64 || side % 64 != 0) {
      throw new InputException(name + ": the image size of this detector is 64, 128, 192, …");
    }
    return new Architecture(
        name,
        side,
        false,
        20,
        Normalisation.IMAGENET,
        "",
        (p, classes) -> new CompactSsd(p, side, classes),
        AS_THEY_ARE,
        Labelling.BOXES);
  }

  private static Architecture cifarResNet(String name, int depth) {
    if (depth < 8 || depth % 6 != 2) {
      throw new InputException(
          name + ": the depth of a residual net for CIFAR is 8, 14, 20, 26, 32, …, 56, …");
    }
    return new Architecture(
        name,
        32,
        true,
        10,
        Normalisation.IMAGENET,
        "linear",
        (p, classes) -> new CifarResNet(p, depth, classes),
        AS_THEY_ARE);
  }

  private static Architecture resNet50(
      String name, int imageSize, int stemStride, Normalisation normalisation) {
    return new Architecture(
        name,
        imageSize,
        true,
        imageSize == 64 ? 200 : 10,
        normalisation,
        "fc",
        (p, classes) -> new ResNet50(p, stemStride, classes),
        AS_THEY_ARE);
  }

  /** As TRADES has it: the images go in as they are. */
  private static Architecture wideResNet(String name, int depth, int width) {
    if (depth < 10 || depth % 6 != 4 || width < 1) {
      throw new InputException(
          "%s: the depth of a wide residual net is 10, 16, 22, 28, 34, …, its width at least 1"
              .formatted(name));
    }
    return new Architecture(
        name,
        32,
        true,
        10,
        Normalisation.NONE,
        "fc",
        (p, classes) -> new WideResNet(p, depth, width, classes),
        WideResNet::withoutUnusedBlock);
  }
}
