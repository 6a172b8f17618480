/** How a task says that it can't go on: for now, or for good. */
package io.ollyscale.functions.failure;
