/** What {@code ollyscale doctor} looks at. It changes nothing. */
package io.ollyscale.jobs.cli.doctor;
