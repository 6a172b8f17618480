/** The attribute policy as the database knows it. */
package io.ollyscale.functions.policy;
