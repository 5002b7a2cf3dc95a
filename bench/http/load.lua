-- What wrk sends and expects: `wrk … -s load.lua URL -- FILE`. The file's first lines are the method, the status, the
-- body and a part of the `location` (both may be empty); each further line is a path and, after a blank, a body.
local threads, requests, n = {}, {}, 0
local expected = {}
wrong, example = 0, ""

function setup(thread) table.insert(threads, thread) end

function init(args)
  local lines = io.lines(args[1])
  local method = lines()
  expected.status, expected.body, expected.location = tonumber(lines()), lines(), lines()
  local headers = { ["Content-Type"] = "application/json" }
  for line in lines do
    local path, body = line:match("^(%S+) ?(.*)$")
    local sent = body ~= "" and body or nil
    requests[#requests + 1] = wrk.format(method, path, sent and headers or {}, sent)
  end
end

function request()
  n = n % #requests + 1
  return requests[n]
end

function response(status, headers, body)
  if status == expected.status and (expected.body == "" or body == expected.body) then
    if expected.location == "" then return end
    if string.find(headers["location"] or headers["Location"] or "", expected.location, 1, true) then return end
  end
  wrong = wrong + 1
  example = status .. " " .. string.sub(body, 1, 100)
end

function done(summary, latency)
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format(
    '\nFIGURES {"answers":%d,"seconds":%f,"p50":%f,"p99":%f,"wrong":%d,"lost":%d}\nEXAMPLE %s\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    threads[1]:get("wrong"), lost, threads[1]:get("example")))
end
