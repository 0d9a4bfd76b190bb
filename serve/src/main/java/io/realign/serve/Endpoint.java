package io.realign.serve;

/** Makes the answer to a request. */
@FunctionalInterface
interface Endpoint {

  /**
   * Answers.
   *
   * @throws Problem if it cannot be served
   */
  Answer answer(Exchange exchange);
}
