package io.realign.serve;

/** The statuses that the service answers with. */
enum HttpStatus {
  OK(200, "OK"),
  BAD_REQUEST(400, "Bad Request"),
  UNAUTHORIZED(401, "Unauthorized"),
  FORBIDDEN(403, "Forbidden"),
  NOT_FOUND(404, "Not Found"),
  METHOD_NOT_ALLOWED(405, "Method Not Allowed"),
  REQUEST_TIMEOUT(408, "Request Timeout"),
  LENGTH_REQUIRED(411, "Length Required"),
  CONTENT_TOO_LARGE(413, "Content Too Large"),
  UNSUPPORTED_MEDIA_TYPE(415, "Unsupported Media Type"),
  MISDIRECTED_REQUEST(421, "Misdirected Request"),
  UNPROCESSABLE(422, "Unprocessable Content"),
  INTERNAL_ERROR(500, "Internal Server Error"),
  SERVICE_UNAVAILABLE(503, "Service Unavailable");

  private final int code;
  private final String title;

  HttpStatus(int code, String title) {
    this.code = code;
    this.title = title;
  }

  int code() {
    return code;
  }

  String title() {
    return title;
  }
}
