/** Files of recorded OTLP: how they are compressed and framed, which signal they hold, and their times. No Kafka. */
package io.ollyscale.jobs.cli.recording;
