-- The services of port 9090 besides those of haproxy itself.

local function output(command)
  local pipe = io.popen(command)
  local text = pipe:read("*a")
  local ended = pipe:close()
  return text, ended
end

local function answer(applet, status, text)
  applet:set_status(status)
  applet:add_header("content-length", #text)
  applet:add_header("content-type", "text/plain")
  applet:start_response()
  applet:send(text)
end

core.register_service("getpids", "http", function(applet)
  answer(applet, 200, (output("pidof haproxy"):gsub("%s+$", "")))
end)

core.register_service("getconfig", "http", function(applet)
  answer(applet, 200, (output("cat /marathon-lb/haproxy.cfg")))
end)

for name, signal in pairs({ signalmlbhup = "HUP", signalmlbusr1 = "USR1" }) do
  core.register_service(name, "http", function(applet)
    local _, sent = output("pkill -" .. signal .. " -f '^python.*marathon_lb.py'")
    answer(applet, sent and 200 or 500, sent and ("Sent SIG" .. signal) or "no generator runs")
  end)
end
