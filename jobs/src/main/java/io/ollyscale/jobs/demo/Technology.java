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
    /** The process: what it takes of the machine. */
    RUNTIME,
    /** The service's own spans. */
    OWN_CODE
}
