package io.ollyscale.jobs.demo;

/** What an instrumentation library instruments. */
enum Technology {
    PAGE_LOAD,
    USER_INTERACTION,
    HTTP_SERVER,
    HTTP_CLIENT,
    MIDDLEWARE,
    GRPC,
    SQL,
    REDIS,
    OPENSEARCH,
    KAFKA,
    SCHEDULER,
    /** The service's own spans. */
    OWN_CODE
}
