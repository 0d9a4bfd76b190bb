package io.realign.target;

import io.realign.data.Labelling;
import io.realign.io.InputException;
import io.realign.nn.StateDict;
import io.realign.target.Architecture.Scored;
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
  private static final Pattern SIZES = Pattern.compile("(\\d{1,6})(?:/(\\d{1,6}))?");
  private static final String TORCHVISION_HEAD = "head.classification_head.module_list.0";
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
          resNet("resnet18", ResNet.Depth.D18),
          resNet("resnet34", ResNet.Depth.D34),
          resNet("resnet50", ResNet.Depth.D50),
          resNet("resnet101", ResNet.Depth.D101),
          resNet("resnet152", ResNet.Depth.D152),
          smallResNet50(
              "resnet50-cifar",
              32,
              ResNet.Stem.SMALL,
              Normalisation.CIFAR10,
              "a stem of stride 1, as for CIFAR"),
          smallResNet50(
              "resnet50-64",
              64,
              ResNet.Stem.HALVING,
              Normalisation.IMAGENET,
              "a stem of stride 2; its image size stands behind a colon"),
          new Architecture(
              "cifar-adv-resnet2b",
              32,
              false,
              10,
              Normalisation.CIFAR10,
              new Scored.Rows("linear2"),
              RobustResNet::new,
              AS_THEY_ARE),
          new Architecture(
              "cifar-adv-cnn-a",
              32,
              false,
              10,
              CNN_A,
              new Scored.Rows("7"),
              RobustCnn::new,
              AS_THEY_ARE),
          new Architecture(
              "mobilenet-v2",
              224,
              true,
              1001,
              Normalisation.SYMMETRIC,
              new Scored.Rows("top"),
              MobileNetV2::new,
              MobileNetV2::fromTensorFlow),
          new Architecture(
              "deeplabv3-mobilenet-v2",
              257,
              true,
              21,
              Normalisation.SYMMETRIC,
              new Scored.Rows("logits"),
              DeepLabMobileNet::new,
              DeepLabMobileNet::fromTensorFlow,
              Labelling.MASKS,
              ""),
          new Architecture(
              "ssd-mobilenet-v1",
              300,
              false,
              20,
              BY_128,
              new Scored.Fixed(),
              SsdMobileNet::new,
              SsdMobileNet::fromTensorFlow,
              Labelling.BOXES,
              ""),
          new Architecture(
              "pspnet-resnet50",
              473,
              true,
              21,
              Normalisation.IMAGENET,
              new Scored.Rows("classifier.4"),
              PspNet::new,
              AS_THEY_ARE,
              Labelling.MASKS,
              ""),
          deepLab(
              "deeplabv3-resnet50-torchvision",
              520,
              DeepLabV3.Kind.TORCHVISION,
              "torchvision's dilations: for weights that torchvision published or trained"),
          deepLab(
              "deeplabv3-resnet50",
              513,
              DeepLabV3.Kind.PAPER,
              "the paper's dilations: for nets trained here"),
          new Architecture(
              "deeplabv3-compact",
              128,
              true,
              21,
              Normalisation.IMAGENET,
              new Scored.Rows("classifier.4"),
              CompactDeepLab::new,
              AS_THEY_ARE,
              Labelling.MASKS,
              ""),
          ssd300(
              "ssd300-vgg16-torchvision",
              90,
              Ssd300.Kind.TORCHVISION,
              "torchvision's priors: for weights that torchvision published or trained"),
          ssd300(
              "ssd300-vgg16",
              20,
              Ssd300.Kind.PAPER,
              "the paper's priors for VOC: for nets trained here"),
          new Architecture(
              "rfbnet300-vgg16",
              300,
              false,
              20,
              CAFFE,
              new Scored.Boxes("conf.0", RfbNet300.FIRST_BOXES),
              RfbNet300::new,
              AS_THEY_ARE,
              Labelling.BOXES,
              ""),
          new Architecture(
              "scenes-net",
              32,
              true,
              10,
              Normalisation.SYMMETRIC,
              new Scored.Rows("linear"),
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

  /**
   * The architecture that {@code NAME}, {@code NAME:SIZE} or {@code NAME:SIZE/SEEN} names: for
   * images of a size, which the net sees at another where it is told one.
   *
   * @throws InputException for an unknown name, and for sizes that it does not take
   */
  public static Architecture sized(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      return of(text);
    }
    Architecture architecture = of(text.substring(0, colon));
    Matcher sizes = SIZES.matcher(text.substring(colon + 1));
    if (!sizes.matches()) {
      throw new InputException(
          "'%s': behind the colon stands the image size, or SIZE/SEEN with the size at which the net sees its images"
              .formatted(text));
    }
    int size = Integer.parseInt(sizes.group(1));
    return sizes.group(2) == null
        ? architecture.forImages(size)
        : architecture.seeing(size, Integer.parseInt(sizes.group(2)));
  }

  /** Whether {@link #of} knows that name. */
  public static boolean knows(String name) {
    try {
      of(name);
      return true;
    } catch (InputException e) {
      return false;
    }
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
        new Scored.Boxes(TORCHVISION_HEAD, CompactSsd.FIRST_BOXES),
        (p, classes) -> new CompactSsd(p, side, classes),
        AS_THEY_ARE,
        Labelling.BOXES,
        "for images of " + side + " pixels; its shapes are those of every other size");
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
        new Scored.Rows("linear"),
        (p, classes) -> new CifarResNet(p, depth, classes),
        AS_THEY_ARE);
  }

  private static Architecture resNet(String name, ResNet.Depth depth) {
    return new Architecture(
        name,
        224,
        true,
        1000,
        Normalisation.IMAGENET,
        new Scored.Rows("fc"),
        (p, classes) -> new ResNet(p, depth, ResNet.Stem.IMAGENET, classes),
        AS_THEY_ARE);
  }

  /** ResNet-50 for small images; the weights of one load into the other. */
  private static Architecture smallResNet50(
      String name, int imageSize, ResNet.Stem stem, Normalisation normalisation, String apart) {
    return new Architecture(
        name,
        imageSize,
        true,
        imageSize == 64 ? 200 : 10,
        normalisation,
        new Scored.Rows("fc"),
        (p, classes) -> new ResNet(p, ResNet.Depth.D50, stem, classes),
        AS_THEY_ARE,
        Labelling.CLASSES,
        apart);
  }

  private static Architecture deepLab(
      String name, int imageSize, DeepLabV3.Kind kind, String apart) {
    return new Architecture(
        name,
        imageSize,
        true,
        21,
        Normalisation.IMAGENET,
        new Scored.Rows("classifier.4"),
        (p, classes) -> new DeepLabV3(p, classes, kind),
        AS_THEY_ARE,
        Labelling.MASKS,
        apart);
  }

  private static Architecture ssd300(String name, int classes, Ssd300.Kind kind, String apart) {
    return new Architecture(
        name,
        300,
        false,
        classes,
        CAFFE,
        new Scored.Boxes(TORCHVISION_HEAD, Ssd300.FIRST_BOXES),
        (p, count) -> new Ssd300(p, count, kind),
        AS_THEY_ARE,
        Labelling.BOXES,
        apart);
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
        new Scored.Rows("fc"),
        (p, classes) -> new WideResNet(p, depth, width, classes),
        WideResNet::withoutUnusedBlock);
  }
}
