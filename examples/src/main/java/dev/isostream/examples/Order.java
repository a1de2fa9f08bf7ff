package dev.isostream.examples;

/** What is published. */
record Order(String id, String customer, long cents) {}
