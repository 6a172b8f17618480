/** What {@code ollyscale top} shows: how it is measured, apart from how it is displayed. */
package io.ollyscale.jobs.cli.top;
