-- Asks tshark many display filters in one run: one tap on "frame" a filter. For tests/differential/truth.py.
--
--     tshark -q -r CAPTURE -X lua_script:truth.lua -X lua_script1:FILTERS -X lua_script1:OUT
--
-- FILTERS has one filter a line. OUT gets a line a filter: its number, a tab, and "unknown: why" where this tshark does not
-- understand it, else the numbers of the frames it shows, ranges as first-last, separated by commas.
local filters, out = ...
local frames, unknown, taps, asked, drawn = {}, {}, {}, 0, false

-- Runs of frames are kept as first and last: most filters show none or nearly all.
local function add(runs, number)
    local last = runs[#runs]
    if last and last[2] == number - 1 then
        last[2] = number
    elseif not last or last[2] ~= number then
        runs[#runs + 1] = { number, number }
    end
end

local function text(runs)
    local words = {}
    for i, run in ipairs(runs) do
        words[i] = run[1] == run[2] and tostring(run[1]) or run[1] .. "-" .. run[2]
    end
    return table.concat(words, ",")
end

local function write()
    local file = assert(io.open(out, "w"))
    for i = 1, asked do
        file:write(i, "\t", unknown[i] and "unknown: " .. unknown[i] or text(frames[i]), "\n")
    end
    file:close()
end

for filter in io.lines(filters) do
    asked = asked + 1
    local i = asked
    local known, tap = pcall(Listener.new, "frame", filter)
    frames[i] = {}
    if known then
        taps[i] = tap -- a tap that nobody holds is collected
        function tap.packet(pinfo) add(frames[i], pinfo.number) end
        if not drawn then
            tap.draw, drawn = write, true
        end
    else
        unknown[i] = tostring(tap):gsub("%s+", " ")
    end
end
