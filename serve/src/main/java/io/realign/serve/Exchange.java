package io.realign.serve;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.realign.io.Picture;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * A request that is being served, by one thread; what it took of the service's room is given back
 * when it is closed.
 */
final class Exchange implements AutoCloseable {

  /** The part of a path that names a model. */
  static final String MODEL = "model";

  private static final String PLAIN = "identity"; // the encoding that is none

  private final ServerRequest request;
  private final House house;
  private final Queue<Room.Stay> places = new ConcurrentLinkedQueue<>();
  private final Queue<Room.Stay> memory = new ConcurrentLinkedQueue<>(); // threads of a batch add

  private boolean watched;

  Exchange(ServerRequest request, House house) {
    this.request = request;
    this.house = house;
  }

  /** What all requests share. */
  House house() {
    return house;
  }

  /**
   * The model that the path names.
   *
   * @throws Problem 404 for one that is not served
   */
  ServedModel model() {
    return house.model(request.path().pathParameters().get(MODEL));
  }

  /**
   * A parameter of the query.
   *
   * @throws Problem 400 if it is there more than once
   */
  Optional<String> query(String name) {
    List<String> values = request.query().all(name, List::of);
    if (values.size() > 1) {
      throw Problem.of(HttpStatus.BAD_REQUEST, "the parameter '%s' is there twice".formatted(name));
    }
    return values.stream().findFirst();
  }

  /**
   * Refuses parameters that the request has no use for: a misspelt one would be passed over.
   *
   * @throws Problem 400 that names one
   */
  void only(Set<String> names) {
    for (String name : request.query().names()) {
      if (!names.contains(name)) {
        throw Problem.of(
            HttpStatus.BAD_REQUEST,
            names.isEmpty()
                ? "unknown parameter '%s': there are none".formatted(name)
                : "unknown parameter '%s': one of %s"
                    .formatted(name, String.join(", ", names.stream().sorted().toList())));
      }
    }
  }

  /**
   * The body as a JSON object. The room it takes is given back at the end.
   *
   * @throws Problem 415 where it is said to be something else, 400 where it is malformed, and as
   *     {@link #body}
   */
  <T> T json(Class<T> type) {
    String said = header("content-type").orElse("").toLowerCase(Locale.ROOT);
    if (!said.startsWith("application/json")) {
      throw Problem.of(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE, "expected a body of Content-Type: application/json");
    }
    byte[] body = body();
    takeMemory(2L * body.length); // what it holds, decoded
    return Json.read(body, type);
  }

  /**
   * The body. The room it takes is given back at the end.
   *
   * @throws Problem 415 for one that is encoded, 411 without a length, 413 for one that is too
   *     large, 400 for one that is empty or ends early, 503 where there is no room for it now
   */
  byte[] body() {
    notEncoded();
    int length = length();
    takeMemory(length);
    byte[] body = read(length);
    if (body.length < length) {
      throw Problem.of(
          HttpStatus.BAD_REQUEST,
          "the body ended after %d of %d bytes".formatted(body.length, length));
    }
    house.deadlines().arrived();
    return body;
  }

  private void notEncoded() {
    String encoding = header("content-encoding").orElse(PLAIN);
    if (!encoding.equalsIgnoreCase(PLAIN)) {
      throw Problem.of(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE,
          "send the body as it is, not with Content-Encoding: " + encoding);
    }
  }

  private int length() {
    if (header("transfer-encoding").isPresent()) {
      throw Problem.of(
          HttpStatus.LENGTH_REQUIRED, "send the body with a Content-Length, not in chunks");
    }
    OptionalLong length = request.headers().contentLength();
    if (length.orElse(0) == 0) {
      throw Problem.of(HttpStatus.BAD_REQUEST, "the body is empty");
    }
    long most = house.limits().bodyBytes();
    if (length.getAsLong() > most) {
      throw Problem.of(
          HttpStatus.CONTENT_TOO_LARGE,
          "a body of %d bytes, more than the %d allowed".formatted(length.getAsLong(), most));
    }
    return (int) length.getAsLong();
  }

  private byte[] read(int length) {
    byte[] body = new byte[length];
    int at = 0;
    try (InputStream in = request.content().inputStream()) {
      at = in.readNBytes(body, 0, length);
    } catch (DataReader.InsufficientDataAvailableException e) {
      throw Problem.of(
          HttpStatus.BAD_REQUEST, "the body ended before its %d bytes".formatted(length));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return at == length ? body : Arrays.copyOf(body, at);
  }

  /** Takes room for images until the answer is made. */
  void takeImages(int count) {
    places.add(house.images().enter(count));
  }

  /** Takes room for an attack until the answer is made. */
  void takeAttack() {
    places.add(house.attacks().enter());
  }

  /** Watches over the client from here on; the connection ends with the answer. */
  Departure departure() {
    watched = true;
    return new Departure(house.connections().ofThisThread());
  }

  /** Takes room for bytes until the answer is made. */
  Room.Stay takeMemory(long bytes) {
    Room.Stay stay = house.memory().enter(bytes);
    memory.add(stay);
    return stay;
  }

  /**
   * Decodes an image and makes something of it. It has room for its pixels meanwhile; what the
   * result holds of that is kept until the answer is made.
   *
   * @param name what to call it in an error
   * @param bytes the heap that a result takes until it is part of an answer
   * @throws Problem as {@link House#pixels} and {@link House#picture}, and 503 where there is no
   *     room for it now
   */
  <T> T decoded(byte[] file, String name, Function<Picture, T> use, ToLongFunction<T> bytes) {
    Room.Stay stay = takeMemory(Picture.HEAP_A_PIXEL * house.pixels(file, name));
    try {
      T made = use.apply(house.picture(file, name));
      stay.shrink(bytes.applyAsLong(made));
      return made;
    } catch (RuntimeException | Error e) {
      stay.close();
      throw e;
    }
  }

  /** Of the memory that was taken no more is needed from here on. */
  void keepMemory(long bytes) {
    long left = bytes;
    for (Room.Stay stay : memory) {
      left -= stay.shrink(left);
    }
  }

  /**
   * The answer is made: until it is sent, as much memory stays taken as it has bytes, of what was
   * taken for the request, and nothing else.
   */
  Answer made(Answer answer) {
    places.forEach(Room.Stay::close);
    keepMemory(answer.body().length);
    return watched ? answer.asLast() : answer;
  }

  /** The value of a header, named in small letters. */
  Optional<String> header(String name) {
    return request.headers().value(HeaderNames.create(name));
  }

  @Override
  public void close() {
    places.forEach(Room.Stay::close);
    memory.forEach(Room.Stay::close);
  }
}
