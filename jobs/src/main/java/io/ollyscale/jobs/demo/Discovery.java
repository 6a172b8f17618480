package io.ollyscale.jobs.demo;

import static io.ollyscale.jobs.demo.Operations.grpcCall;
import static io.ollyscale.jobs.demo.Operations.grpcServer;
import static io.ollyscale.jobs.demo.Operations.httpServer;
import static io.ollyscale.jobs.demo.Operations.internal;
import static io.ollyscale.jobs.demo.Operations.openSearch;
import static io.ollyscale.jobs.demo.Operations.redis;
import static io.ollyscale.jobs.demo.Operations.sql;
import static io.ollyscale.jobs.demo.Service.CATALOG;
import static io.ollyscale.jobs.demo.Service.RECOMMENDATION;
import static io.ollyscale.jobs.demo.Service.SEARCH;

/** How products are found: the services catalog, search and recommendation. */
final class Discovery {
    private static final String CATALOG_API = "shop.catalog.v1.ProductCatalog";

    static final Operation GET_PRODUCT = grpcServer(CATALOG, CATALOG_API, "GetProduct")
            .takesMillis(0.7, 0.4)
            .with(Details.PRODUCT)
            .notes(Moment.of("cache.miss", 0.4, 0.15, Attribute.text("cache.name", "products")))
            .calls(redis(CATALOG, "GET")
                    .with(Detail.of(request -> request.product().cacheKey()))
                    .build())
            .calls(Call.to(sql(
                                    CATALOG,
                                    "SELECT",
                                    "products",
                                    "SELECT sku, name, price_cents, stock_hint FROM products WHERE sku = $1")
                            .takesMillis(2.2, 0.5)
                            .build())
                    .sometimes(0.15))
            .fails(Fault.of(FailureKind.NOT_FOUND, 0.004, "no product of this SKU"))
            .build();

    static final Operation GET_PRODUCTS = grpcServer(CATALOG, CATALOG_API, "GetProducts")
            .takesMillis(1.1, 0.4)
            .with(Detail.count("catalog.products", 40))
            .calls(redis(CATALOG, "MGET").takesMillis(0.8, 0.4).build())
            .build();

    static final Operation LIST_PRODUCTS = grpcServer(CATALOG, CATALOG_API, "ListProducts")
            .takesMillis(1.6, 0.4)
            .with(Detail.oneOf(
                    Attribute.text("catalog.page", "home"),
                    Attribute.text("catalog.page", "offers"),
                    Attribute.text("catalog.page", "new")))
            .calls(sql(
                            CATALOG,
                            "SELECT",
                            "products",
                            "SELECT sku, name, price_cents FROM products WHERE page = $1 ORDER BY rank LIMIT $2")
                    .takesMillis(6.5, 0.6)
                    .build())
            .build();

    static final Operation SEARCH_PRODUCTS = httpServer(SEARCH, "GET", "/search")
            .takesMillis(3.2, 0.45)
            .with(Details.path("/search"))
            .with(
                    Detail.oneOf(
                            Attribute.text("url.query", "q=green+tea&page=1"),
                            Attribute.text("url.query", "q=mug&page=1"),
                            Attribute.text("url.query", "q=espresso&page=2"),
                            Attribute.text("url.query", "q=gift+under+20&page=1"),
                            Attribute.text("url.query", "q=teekanne&page=1")),
                    Detail.count("search.hits", 400))
            .calls(Call.to(openSearch(SEARCH, "search", "products")
                            .takesMillis(19, 0.6)
                            .with(Detail.count("db.response.returned_rows", 40))
                            .fails(Fault.of(FailureKind.TIMEOUT, 0.004, "2,000 milliseconds timeout on connection")
                                    .lastingMillis(2_000)
                                    .thrownAs(Thrown.JAVA_SEARCH_TIMEOUT))
                            .build())
                    .retried(1))
            .calls(internal(SEARCH, Technology.OWN_CODE, "ResultRanking.apply")
                    .takesMillis(2.4, 0.5)
                    .with(Detail.score("search.best_score"), Detail.flag("search.spelling_corrected", 0.1))
                    .build())
            .build();

    /** Nobody fails because of it: a page without recommendations is a page. */
    static final Operation RECOMMEND = grpcServer(RECOMMENDATION, "shop.recommendation.v1.Recommendations", "ListFor")
            .takesMillis(3.5, 0.5)
            .with(Details.CUSTOMER)
            .notes(Moment.of(
                    "feature_flag.evaluation",
                    0.1,
                    1,
                    Attribute.text("feature_flag.key", "recommendation-model"),
                    Attribute.text("feature_flag.provider.name", "flagd"),
                    Attribute.text("feature_flag.result.variant", "v2"),
                    Attribute.text("feature_flag.result.reason", "targeting_match")))
            .calls(redis(RECOMMENDATION, "HGETALL").build())
            .calls(internal(RECOMMENDATION, Technology.OWN_CODE, "rank candidates")
                    .takesMillis(11, 0.55)
                    .with(Detail.count("recommendation.candidates", 500), Detail.score("recommendation.best_score"))
                    .fails(Fault.of(FailureKind.UNAVAILABLE, 0.015, "model is being reloaded")
                            .thrownAs(Thrown.PYTHON_MODEL))
                    .build())
            .calls(grpcCall(RECOMMENDATION, GET_PRODUCTS).build())
            .build();

    private Discovery() {}
}
