/** What can break. */
package io.ollyscale.faults.kinds;
