/** Java programs in processes of their own, that can be killed and suspended and that end with this JVM. */
package io.ollyscale.faults.process;
