package io.ollyscale.jobs.cli.doctor;

import java.util.concurrent.Callable;

/**
 * One question.
 *
 * @param subject what it is about, a few words
 * @param question changes nothing; throwing means "failed"
 */
public record Check(String subject, Callable<Verdict> question) {}
