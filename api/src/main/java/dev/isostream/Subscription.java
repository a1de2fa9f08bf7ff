package dev.isostream;

/** A member of a group that hands messages to a handler. */
public interface Subscription extends GroupMember {}
