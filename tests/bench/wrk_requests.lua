-- wrk_requests.lua - what wrk asks: wrk ... -s wrk_requests.lua URL -- FILE [ACCEPT]
--
-- FILE has lines `PATH` or `PATH TAB ETAG` (asked with If-None-Match), which each thread asks one after the other, from a
-- place of its own, again and again. At the end a line of JSON: times in microseconds.
local thread_count = 0

function setup(thread)
    thread:set("number", thread_count)
    thread_count = thread_count + 1
end

function init(arguments)
    requests, position = {}, 0
    for line in io.lines(arguments[1]) do
        local path, etag = line:match("^([^\t]+)\t?(.*)$")
        local headers = {Accept = arguments[2] or "application/json"}
        if etag ~= "" then headers["If-None-Match"] = etag end
        requests[#requests + 1] = wrk.format("GET", path, headers)
    end
    position = number * 7919 % #requests
end

function request()
    position = position % #requests + 1
    return requests[position]
end

function done(summary, latency, _)
    local errors = summary.errors
    io.write(string.format(
        '{"requests": %d, "seconds": %.6f, "bytes": %d, "p50": %.1f, "p99": %.1f, "max": %.1f, "failed": %d, "refused": %d}\n',
        summary.requests, summary.duration / 1e6, summary.bytes, latency:percentile(50), latency:percentile(99), latency.max,
        errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
