package io.realign.task;

/** What a task's metric needs to know of one image. */
public sealed interface Judgement permits Judgement.Answer, RegionCounts, AveragePrecision.Judged {

  /**
   * A single answer.
   *
   * @param label the image's class
   * @param right whether it is the image's class
   */
  record Answer(int label, boolean right) implements Judgement {
    @Override
    public double value() {
      return right ? 1 : 0;
    }
  }

  /** The metric of this image by itself, in [0,1]. */
  double value();
}
