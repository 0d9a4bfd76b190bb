package io.realign.evaluate;

/**
 * A sign that gradients mislead the attacker, so that accuracies say more about the attacks than
 * about the defense (Athalye et al., 2018, arXiv 1802.00420; Carlini et al., 2019, arXiv
 * 1902.06705).
 *
 * @param kind which sign
 * @param raised whether it was found
 * @param evidence what was measured, in a sentence
 */
public record MaskingSign(Kind kind, boolean raised, String evidence) {

  /** The signs, and what each means where it is found. */
  public enum Kind {
    /** The same images get other outputs the next time. */
    RANDOMISED(
        "randomised output",
        "One gradient is a sample: attacks need many draws a step (apgd-ce --draws,"
            + " autoattack-rand), and figures of attacks without them are too high."),
    /** The outputs are probabilities. */
    PROBABILITIES(
        "probabilities instead of logits",
        "A softmax that saturates has no gradient: give the attacks the logits before it."),
    /** The loss has no gradient at some images. */
    NO_GRADIENT(
        "zero or non-finite gradients",
        "Gradient attacks do not move there: trust attacks without gradients (square), or give the"
            + " step a gradient of its own (BPDA)."),
    /** One step fools more than many. */
    STEPS_DO_NOT_HELP(
        "more steps do not help",
        "A longer search in the same ball must find at least as much: the gradients point nowhere"
            + " useful."),
    /** An attack without a bound fails. */
    UNBOUNDED_FAILS(
        "an unbounded attack does not reach 0",
        "Any image may be made of any other: what survives that survives because the attack"
            + " fails."),
    /** Scores without gradients find what gradients do not. */
    SCORES_WIN(
        "an attack without gradients wins after one with them",
        "Random search beats the gradient only where the gradient is wrong."),
    /** Images made for another net fool more. */
    TRANSFER_WINS(
        "images made elsewhere are stronger",
        "Who sees the defense cannot know less than who does not: its gradients are worse than"
            + " another net's.");

    private final String title;
    private final String meaning;

    Kind(String title, String meaning) {
      this.title = title;
      this.meaning = meaning;
    }

    /** The sign in a few words. */
    public String title() {
      return title;
    }

    /** What it means where it is found. */
    public String meaning() {
      return meaning;
    }
  }
}
