package io.realign.data;

/** What a dataset is asked to say about its images. */
public enum Labelling {
  /** One class an image: classification. */
  CLASSES,
  /** One class a pixel: segmentation. */
  MASKS,
  /** Boxes with classes: detection. */
  BOXES
}
