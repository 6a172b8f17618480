/** What {@code ollyscale audit} finds: apart from how it is shown. */
package io.ollyscale.jobs.cli.audit;
