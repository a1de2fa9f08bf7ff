package dev.isostream;

/** Where {@link Codecs#json} comes from. Not for application code. */
public interface CodecProvider {

  /** A codec between JSON in UTF-8 and this type. */
  <T> Codec<T> json(Class<T> type);
}
