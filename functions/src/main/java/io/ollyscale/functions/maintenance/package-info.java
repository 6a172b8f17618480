/** What the store needs from time to time, independent of data. */
package io.ollyscale.functions.maintenance;
