/** Work that blocks, beside a task that must not. */
package io.ollyscale.functions.background;
