/** Which attributes are promoted, dropped or left to the catch-all, and the files that say so. */
package io.ollyscale.schema.policy;
