/** Where the backends' classified failures become the public exceptions, once (contract E1). */
@NullMarked
package dev.isostream.engine.errors;

import org.jspecify.annotations.NullMarked;
