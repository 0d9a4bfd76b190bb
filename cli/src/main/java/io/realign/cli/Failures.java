package io.realign.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Turns what a command throws into one line on stderr and an exit code.
 *
 * <p>{@code REALIGN_DEBUG=1} adds the stack trace.
 */
final class Failures
    implements CommandLine.IParameterExceptionHandler, CommandLine.IExecutionExceptionHandler {

  private final boolean traces;

  Failures(boolean traces) {
    this.traces = traces;
  }

  @Override
  public int handleParseException(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    tell(command.getErr(), oneLine(message(e)), e);
    if (!UnmatchedArgumentException.printSuggestions(e, command.getErr())) {
      command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    }
    return ExitCode.WRONG_INPUT;
  }

  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
    // InputException, StateDictMismatch and the checks of configuration records are all of this
    // type
    boolean wrongInput = e instanceof IllegalArgumentException;
    tell(command.getErr(), wrongInput ? oneLine(message(e)) : describe(e), e);
    return wrongInput ? ExitCode.WRONG_INPUT : ExitCode.FAILED;
  }

  /** For what no command can handle: no memory left, or no native library for this machine. */
  int handleError(Error e, PrintWriter err) {
    String line =
        switch (e) {
          case OutOfMemoryError memory ->
              "out of memory: "
                  + oneLine(message(memory))
                  + "; take smaller batches or images, or raise REALIGN_MEMORY or REALIGN_HEAP";
          case LinkageError missing ->
              "libtorch does not load on this machine: " + oneLine(message(missing));
          default -> e.getClass().getSimpleName() + ": " + oneLine(message(e));
        };
    tell(err, line, e);
    return ExitCode.FAILED;
  }

  private void tell(PrintWriter err, String line, Throwable e) {
    err.println("realign: " + line);
    if (traces) {
      e.printStackTrace(err);
    }
    err.flush();
  }

  /** What went wrong, in one line. */
  static String describe(Throwable e) {
    Throwable cause = e;
    if (e instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
      cause = unchecked.getCause();
      if (!cause.toString().equals(e.getMessage())) { // the thrower found better words
        return oneLine(message(e));
      }
    }
    return switch (cause) {
      case NoSuchFileException gone -> gone.getMessage() + ": no such file or folder";
      case AccessDeniedException denied -> denied.getMessage() + ": permission denied";
      case FileAlreadyExistsException there -> there.getMessage() + ": exists already";
      case IOException io -> oneLine(message(io));
      default ->
          cause.getClass().getSimpleName()
              + ": "
              + oneLine(message(cause))
              + " (REALIGN_DEBUG=1 shows where)";
    };
  }

  private static String message(Throwable e) {
    String message = e.getMessage();
    return message == null || message.isBlank() ? e.getClass().getSimpleName() : message;
  }

  /** libtorch's messages run over many lines, the first of which says what is wrong. */
  private static String oneLine(String message) {
    return message.lines().findFirst().orElse(message).strip();
  }
}
