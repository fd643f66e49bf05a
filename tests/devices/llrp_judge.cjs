// An LLRP reader on the codec of llrpjs, which is not ours: it decodes all that the client says and encodes all that the
// client hears. Says as lines of JSON what it heard.
//
// Arguments: how many tags to report, how many in one report, and how to cut what it sends: "whole" (a message at a
// time), "split" (pieces of 1 to 97 bytes) or "joined" (64 KiB at a time).
const net = require("net");
const { LLRPMessage } = require("llrpjs");

const [tags, together, cut] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]];
const HEADER_BYTES = 10;

const say = (said) => process.stdout.write(JSON.stringify(said, (_, value) => (typeof value === "bigint" ? Number(value) : value)) + "\n");
const encode = (type, id, data) => new LLRPMessage({ type, id, data }).encode().getBuffer();
const SUCCESS = { LLRPStatus: { StatusCode: "M_Success", ErrorDescription: "" } };
const GREETING = {
  ReaderEventNotificationData: {
    UTCTimestamp: { Microseconds: "2026-01-02T03:04:05.000000Z" },
    ConnectionAttemptEvent: { Status: "Success" },
  },
};
const MODE = {
  ModeIdentifier: 1, DRValue: "DRV_8", EPCHAGTCConformance: 0, MValue: "MV_4", ForwardLinkModulation: "PR_ASK",
  SpectralMaskIndicator: "DI", BDRValue: 0, PIEValue: 0, MinTariValue: 0, MaxTariValue: 0, StepTariValue: 0,
};
const CAPABILITIES = {
  GeneralDeviceCapabilities: {
    MaxNumberOfAntennaSupported: 4, CanSetAntennaProperties: 1, HasUTCClockCapability: 1, DeviceManufacturerName: 25882,
    ModelName: 2001002, ReaderFirmwareVersion: "7.6.0",
    ReceiveSensitivityTableEntry: [{ Index: 1, ReceiveSensitivityValue: 0 }],
    GPIOCapabilities: { NumGPIs: 4, NumGPOs: 4 },
    PerAntennaAirProtocol: [{ AntennaID: 1, ProtocolID: ["EPCGlobalClass1Gen2"] }],
  },
  RegulatoryCapabilities: {
    CountryCode: 840, CommunicationsStandard: "US_FCC_Part_15",
    UHFBandCapabilities: {
      TransmitPowerLevelTableEntry: [{ Index: 1, TransmitPowerValue: 1000 }, { Index: 81, TransmitPowerValue: 3000 }],
      FrequencyInformation: { Hopping: 1, FrequencyHopTable: [{ HopTableID: 1, Frequency: [902750, 903250] }] },
      C1G2UHFRFModeTable: { C1G2UHFRFModeTableEntry: [MODE] },
    },
  },
};
const IDENTITY = { Identification: { IDType: "MAC_Address", ReaderID: "001625fffe112233" } };
const MORE = { GET_READER_CAPABILITIES: CAPABILITIES, GET_READER_CONFIG: IDENTITY };

function report(first) {
  const data = [];
  for (let number = first; number < Math.min(first + together, tags); number++) {
    data.push({
      EPC_96: { EPC: number.toString(16).padStart(24, "0") },
      ROSpecID: { ROSpecID: 1 },
      AntennaID: { AntennaID: 1 + (number % 4) },
      PeakRSSI: { PeakRSSI: -40 - (number % 40) },
      ChannelIndex: { ChannelIndex: 7 },
      FirstSeenTimestampUTC: { Microseconds: "2026-01-02T03:04:05.000006Z" },
      LastSeenTimestampUTC: { Microseconds: "2026-01-02T03:04:06.000007Z" },
      TagSeenCount: { TagCount: 1 },
      C1G2_PC: { PC_Bits: 0x3000 },
    });
  }
  return encode("RO_ACCESS_REPORT", 0, { TagReportData: data });
}

let isSending = false; // a report may be half sent: what else there is to say waits for its end
let waiting = [];

function* pieces() {
  const size = cut === "joined" ? 65536 : 0;
  let held = Buffer.alloc(0);
  for (let first = 0, step = 1; first < tags; first += together) {
    held = Buffer.concat([held, report(first), ...waiting.splice(0)]);
    if (held.length <= size) continue;
    if (cut === "split") {
      for (let at = 0; at < held.length; at += step, step = 1 + ((step * 31) % 97)) yield held.subarray(at, at + step);
    } else {
      yield held;
    }
    held = Buffer.alloc(0);
  }
  yield held;
}

async function sendReports(socket) {
  isSending = true;
  for (const piece of pieces()) {
    if (!socket.write(piece)) await new Promise((done) => socket.once("drain", done));
    if (cut === "split") await new Promise((done) => setImmediate(done)); // each piece a segment of its own
  }
  isSending = false;
  for (const message of waiting.splice(0)) socket.write(message);
  say({ sent: tags });
}

const send = (socket, message) => (isSending ? waiting.push(message) : socket.write(message));

function obey(socket, message) {
  const { type, id, data } = message;
  say({ heard: type, data });
  if (type === "KEEPALIVE_ACK") return;
  send(socket, encode(`${type}_RESPONSE`, id, { ...SUCCESS, ...MORE[type] }));
  if (type === "SET_READER_CONFIG") {
    const alive = setInterval(() => send(socket, encode("KEEPALIVE", 0, {})), data.KeepaliveSpec.PeriodicTriggerValue);
    process.stdin.once("data", () => clearInterval(alive)); // whatever is said to us: from now on we are dead
    socket.once("close", () => clearInterval(alive));
  }
  if (type === "START_ROSPEC") sendReports(socket);
}

const server = net.createServer((socket) => {
  let unfinished = Buffer.alloc(0);
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.write(encode("READER_EVENT_NOTIFICATION", 0, GREETING));
  socket.on("data", (data) => {
    unfinished = Buffer.concat([unfinished, data]);
    while (unfinished.length >= HEADER_BYTES && unfinished.length >= unfinished.readUInt32BE(2)) {
      const length = unfinished.readUInt32BE(2);
      obey(socket, new LLRPMessage(unfinished.subarray(0, length)).decode().toLLRPData());
      unfinished = unfinished.subarray(length);
    }
  });
});
server.listen(0, "127.0.0.1", () => say({ port: server.address().port }));
