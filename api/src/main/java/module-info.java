/** What applications see: interfaces and values, no threads, no dependencies. */
module dev.isostream.api {
  requires static transitive org.jspecify;

  exports dev.isostream;

  uses dev.isostream.MessagingProvider;
  uses dev.isostream.CodecProvider;
}
