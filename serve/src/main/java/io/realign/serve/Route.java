package io.realign.serve;

/**
 * A method and a path that are served.
 *
 * @param method {@code GET} (which serves HEAD as well) or {@code POST}
 * @param path with {@code {model}} where the name of a model stands
 * @param secret whether it needs the token, where there is one
 * @param endpoint what answers
 */
record Route(Method method, String path, boolean secret, Endpoint endpoint) {

  /** Those that are served. */
  enum Method {
    GET,
    POST
  }

  /** Open to everybody. */
  static Route open(String path, Endpoint endpoint) {
    return new Route(Method.GET, path, false, endpoint);
  }

  static Route get(String path, Endpoint endpoint) {
    return new Route(Method.GET, path, true, endpoint);
  }

  static Route post(String path, Endpoint endpoint) {
    return new Route(Method.POST, path, true, endpoint);
  }
}
