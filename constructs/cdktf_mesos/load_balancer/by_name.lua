-- The backend of a request for <app>.<domain>, for apps without labels.
--
-- haproxy loads this file when it starts and after each reload. The file reads the configuration that marathon-lb has
-- written, so it needs no connection to Marathon. There, a backend of the app /shop/cart with the service port 10001 is
-- called shop_cart_10001. Ids of apps have no '_' (Marathon, PathId), so the parts of the name are those of the id.

-- Hosts that apps name by labels. The rules of these labels serve them, so this file does not.
local claimed = {}

-- Names of apps, without the domain → their backends. The first table has the whole id, reversed: cart.shop for
-- /shop/cart. The second has a single label, which a wildcard certificate covers: cart-shop.
local by_id, by_label = {}, {}

-- The configuration's path: the word after -f in haproxy's own command.
local function configuration()
  local found, take
  local file = io.open("/proc/self/cmdline", "rb")
  for word in file:read("*a"):gmatch("[^%z]+") do
    if take then
      found = word
    end
    take = word == "-f"
  end
  file:close()
  return found
end

-- Returns the backends, each with its mode, and the frontends on which they can also be reached from this machine in
-- plain text.
local function read(path)
  local modes, reachable = {}, {}
  local kind, section
  for line in io.lines(path) do
    local word, rest = line:match("^%s*(%S+)%s*(.-)%s*$")
    if line:match("^%a") then
      kind, section = word, rest
    elseif word == "mode" and kind == "backend" then
      modes[section] = rest
    elseif word == "bind" and kind == "frontend" then
      reachable[section] = rest:match("^%*:%d") and not (" " .. rest .. " "):find(" ssl ", 1, true)
    elseif word == "acl" and rest:match("hdr%(host%)%s+%-i%s") then
      for host in rest:match("hdr%(host%)%s+%-i%s+(.+)"):gmatch("%S+") do
        claimed[host:lower()] = true
      end
    end
    for host in line:gmatch("ssl_fc_sni%s+([^%s}]+)") do
      claimed[host:lower()] = true
    end
  end
  return modes, reachable
end

-- The names of an app from the name of its backend, and its service port.
local function names(backend)
  local path, port = backend:match("^(.+)_(%d+)$")
  if not path then
    return
  end
  local parts = {}
  for part in path:gmatch("[^_]+") do
    table.insert(parts, 1, part:lower())
  end
  local id = table.concat(parts, ".")
  return id, (id:gsub("%.", "-")), tonumber(port)
end

-- A frontend in mode http cannot use a backend in mode tcp. For each app there is also the backend byname_…, in mode
-- http, whose only server is the app's service port on this machine.
local function usable(backend, modes, reachable)
  local detour = "byname_" .. backend
  if modes[backend] == "http" then
    return backend
  elseif modes[detour] and reachable[backend] then
    return detour
  end
end

core.register_init(function()
  local modes, reachable = read(configuration())
  local backends = {}
  for backend in pairs(modes) do
    if not backend:match("^byname_") then
      table.insert(backends, backend)
    end
  end
  -- If two apps have one name, it is always that of the same app.
  table.sort(backends)
  local ports = {}
  for _, backend in ipairs(backends) do
    local id, label, port = names(backend)
    local used = id and usable(backend, modes, reachable)
    -- The lowest of an app's service ports.
    if used and (not ports[id] or port < ports[id]) then
      ports[id], by_id[id] = port, used
      by_label[label] = by_label[label] or id
    end
  end
end)

-- backend_by_name(<domain>): the backend for the request's host, or an empty text.
core.register_fetches("backend_by_name", function(txn, domain)
  local host = (txn.sf:req_fhdr("host") or ""):lower():gsub(":%d*$", ""):gsub("%.$", "")
  local name = host:sub(1, -2 - #domain)
  if claimed[host] or host ~= name .. "." .. domain then
    return ""
  end
  return by_id[name] or by_id[by_label[name] or ""] or ""
end)
