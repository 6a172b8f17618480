/**
 * A real Kafka broker and a real PostgreSQL server for local mode and for tests, without an installation: the broker runs
 * in this process, PostgreSQL's programs come with the classpath. Everything binds to 127.0.0.1. Not meant to be
 * operated: whoever outgrows it runs the same job against servers of their own.
 */
package io.ollyscale.local;
