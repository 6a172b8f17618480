package io.ollyscale.jobs.demo;

import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.ArrayList;
import java.util.List;

/** Exceptions as the SDKs of several languages record them. */
enum Thrown {
    JAVA_HTTP_TIMEOUT("java.net.http.HttpTimeoutException", """
            java.net.http.HttpTimeoutException: request timed out
            \tat java.net.http/jdk.internal.net.http.HttpClientImpl.send(HttpClientImpl.java:955)
            \tat java.net.http/jdk.internal.net.http.HttpClientFacade.send(HttpClientFacade.java:133)
            \tat com.example.shop.payment.provider.PaywerkClient.charge(PaywerkClient.java:88)
            \tat com.example.shop.payment.PaymentService.authorize(PaymentService.java:61)
            \tat com.example.shop.payment.grpc.PaymentsEndpoint.authorize(PaymentsEndpoint.java:37)
            \tat com.example.shop.payment.v1.PaymentsGrpc$MethodHandlers.invoke(PaymentsGrpc.java:402)
            \tat io.grpc.stub.ServerCalls$UnaryServerCallHandler$UnaryServerCallListener.onHalfClose(ServerCalls.java:182)
            \tat io.grpc.internal.ServerCallImpl$ServerStreamListenerImpl.halfClosed(ServerCallImpl.java:356)
            \tat io.grpc.internal.ServerImpl$JumpToApplicationThreadServerStreamListener$1HalfClosed.runInContext(ServerImpl.java:861)
            \tat io.grpc.internal.ContextRunnable.run(ContextRunnable.java:37)
            \tat io.grpc.internal.SerializingExecutor.run(SerializingExecutor.java:133)
            \tat java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(ThreadPoolExecutor.java:1144)
            \tat java.base/java.util.concurrent.ThreadPoolExecutor$Worker.run(ThreadPoolExecutor.java:642)
            \tat java.base/java.lang.Thread.run(Thread.java:1583)
            Caused by: java.net.http.HttpConnectTimeoutException: HTTP connect timed out
            \tat java.net.http/jdk.internal.net.http.MultiExchange.toTimeoutException(MultiExchange.java:585)
            \t... 1 more
            """),
    JAVA_PROVIDER("com.example.shop.payment.provider.ProviderUnavailableException", """
            com.example.shop.payment.provider.ProviderUnavailableException: 503 Service Unavailable
            \tat com.example.shop.payment.provider.PaywerkClient.checked(PaywerkClient.java:117)
            \tat com.example.shop.payment.provider.PaywerkClient.charge(PaywerkClient.java:92)
            \tat com.example.shop.payment.PaymentService.authorize(PaymentService.java:61)
            \tat com.example.shop.payment.grpc.PaymentsEndpoint.authorize(PaymentsEndpoint.java:37)
            """),
    JAVA_DEADLOCK("org.postgresql.util.PSQLException", """
            org.postgresql.util.PSQLException: ERROR: deadlock detected
            \tat org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2734)
            \tat org.postgresql.jdbc.PgPreparedStatement.executeUpdate(PgPreparedStatement.java:155)
            \tat com.zaxxer.hikari.pool.ProxyPreparedStatement.executeUpdate(ProxyPreparedStatement.java:61)
            \tat com.example.shop.inventory.StockRepository.reserve(StockRepository.java:54)
            \tat com.example.shop.inventory.InventoryService.reserve(InventoryService.java:42)
            """),
    JAVA_SEARCH_TIMEOUT("java.net.SocketTimeoutException", """
            java.net.SocketTimeoutException: 2,000 milliseconds timeout on connection http-outgoing-4 [ACTIVE]
            \tat org.opensearch.client.RestClient.extractAndWrapCause(RestClient.java:1073)
            \tat org.opensearch.client.RestClient.performRequest(RestClient.java:333)
            \tat com.example.shop.search.ProductIndex.query(ProductIndex.java:71)
            \tat com.example.shop.search.SearchController.search(SearchController.java:33)
            """),
    PYTHON_MODEL("shop.recommendation.model.ModelNotReady", """
            Traceback (most recent call last):
              File "/app/shop/recommendation/service.py", line 74, in ListFor
                ranked = self._model.rank(candidates, context)
                         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              File "/app/shop/recommendation/model.py", line 41, in rank
                raise ModelNotReady(self._revision)
            shop.recommendation.model.ModelNotReady: model is being reloaded
            """),
    PYTHON_HTTP("requests.exceptions.HTTPError", """
            Traceback (most recent call last):
              File "/app/shop/email/worker.py", line 58, in send
                response.raise_for_status()
              File "/usr/local/lib/python3.13/site-packages/requests/models.py", line 1026, in raise_for_status
                raise HTTPError(http_error_msg, response=self)
            requests.exceptions.HTTPError: 429 Client Error: Too Many Requests
            """),
    DOTNET_FORMAT("System.FormatException", """
            System.FormatException: The input string 'EUR 12,90' was not in a correct format.
               at System.Number.ThrowFormatException[TChar](ReadOnlySpan`1 value)
               at System.Decimal.Parse(String s, NumberStyles style, IFormatProvider provider)
               at Shop.Cart.Lines.LinePrice.Read(RedisValue value) in /src/Shop.Cart/Lines/LinePrice.cs:line 29
               at Shop.Cart.CartStore.LoadAsync(String cartId, CancellationToken stop) in /src/Shop.Cart/CartStore.cs:line 63
               at Shop.Cart.Endpoints.CartEndpoints.<>c.<<Map>b__0_1>d.MoveNext() in /src/Shop.Cart/Endpoints/CartEndpoints.cs:line 41
            --- End of stack trace from previous location ---
               at Microsoft.AspNetCore.Http.RequestDelegateFactory.<ExecuteTaskResult>g__ExecuteAwaited|148_0[T](Task`1 task, HttpContext httpContext)
            """),
    GO_COUPON("*checkout.CouponError", """
            goroutine 41 [running]:
            shop.example/checkout/internal/order.(*Validator).Check(0xc0001b2e40, {0x1c0f8a8, 0xc000514f60}, 0xc0003c8000)
            \t/src/internal/order/validate.go:77 +0x2f1
            shop.example/checkout/internal/server.(*Server).PlaceOrder(0xc000190600, {0x1c0f8a8, 0xc000514f60}, 0xc0004d2000)
            \t/src/internal/server/place_order.go:48 +0x1c5
            """),
    NODE_GRPC("Error", """
            Error: 14 UNAVAILABLE: upstream request failed
                at callErrorFromStatus (/app/node_modules/@grpc/grpc-js/build/src/call.js:32:19)
                at Object.onReceiveStatus (/app/node_modules/@grpc/grpc-js/build/src/client.js:193:76)
                at ServiceClientImpl.makeUnaryRequest (/app/node_modules/@grpc/grpc-js/build/src/client.js:161:30)
                at CheckoutRoute.place (file:///app/src/routes/checkout.js:54:38)
                at process.processTicksAndRejections (node:internal/process/task_queues:105:5)
            """),
    JAVA_GRPC("io.grpc.StatusRuntimeException", """
            io.grpc.StatusRuntimeException: upstream request failed
            \tat io.grpc.stub.ClientCalls.toStatusRuntimeException(ClientCalls.java:368)
            \tat io.grpc.stub.ClientCalls.getUnchecked(ClientCalls.java:349)
            \tat io.grpc.stub.ClientCalls.blockingUnaryCall(ClientCalls.java:174)
            """),
    PYTHON_GRPC("grpc._channel._InactiveRpcError", """
            Traceback (most recent call last):
              File "/app/shop/recommendation/service.py", line 91, in ListFor
                products = self._catalog.GetProducts(request, timeout=0.5)
              File "/usr/local/lib/python3.13/site-packages/grpc/_channel.py", line 1181, in __call__
                return _end_unary_response_blocking(state, call, False, None)
            grpc._channel._InactiveRpcError: <_InactiveRpcError of RPC that terminated>
            """),
    DOTNET_GRPC("Grpc.Core.RpcException", """
            Grpc.Core.RpcException: Status(StatusCode="Unavailable", Detail="upstream request failed")
               at Shop.Cart.Catalog.Products.GetAsync(String sku, CancellationToken stop) in /src/Shop.Cart/Catalog/Products.cs:line 35
               at Shop.Cart.Endpoints.CartEndpoints.<>c.<<Map>b__0_2>d.MoveNext() in /src/Shop.Cart/Endpoints/CartEndpoints.cs:line 58
            """);

    private final String type;
    private final KeyValue typeAttribute;
    private final KeyValue stackTrace;

    Thrown(String type, String stackTrace) {
        this.type = type;
        this.typeAttribute = Attribute.text("exception.type", type);
        this.stackTrace = Attribute.text("exception.stacktrace", stackTrace);
    }

    /** As {@code error.type} has it where there was no answer. */
    String type() {
        return type;
    }

    /** Of the event that records it. */
    List<KeyValue> attributes(String message) {
        List<KeyValue> attributes = new ArrayList<>();
        attributes.add(typeAttribute);
        attributes.add(Attribute.text("exception.message", message));
        attributes.add(stackTrace);
        if (name().startsWith("PYTHON")) {
            // What the Python SDK really sends: a text where the conventions want a boolean.
            attributes.add(Attribute.text("exception.escaped", "False"));
        }
        return attributes;
    }
}
