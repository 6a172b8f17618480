package io.ollyscale.jobs.cli.doctor;

/** What a check has found out. */
public record Finding(String subject, Verdict verdict) {}
