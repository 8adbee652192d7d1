wrk.method = "POST"
wrk.body = '{"name":"zhangsan"}'
wrk.headers["Content-Type"] = "application/json"
