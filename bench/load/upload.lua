wrk.method = "POST"
wrk.body = string.rep("w", 1024 * 1024)
wrk.headers["Content-Type"] = "application/octet-stream"
