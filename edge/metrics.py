"""What the daemon counts and times, in Prometheus' words. Labels are few and never name an order or a customer."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class Metrics:
    """One daemon's own registry, so that several can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.scans = Counter("shopwright_scans", "Codes read, by result", ["result"], registry=self.registry)
        self.scan_seconds = Histogram(
            "shopwright_scan_seconds",
            "From a scan to its priced basket on disk",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.orders = Counter("shopwright_orders", "Orders completed, by tender", ["tender"], registry=self.registry)
        self.place_seconds = Histogram(
            "shopwright_place_seconds", "From the tender to the order on disk", buckets=SECONDS, registry=self.registry
        )
        self.refunds = Counter("shopwright_refunds", "Refunds given", registry=self.registry)
        self.receipts_printed = Counter(
            "shopwright_receipts_printed", "Receipts confirmed by a printer", registry=self.registry
        )
        self.unsent = Gauge(
            "shopwright_journal_unsent", "Entries head office does not hold yet", registry=self.registry
        )
        self.online = Gauge("shopwright_head_office_online", "1 while head office answers", registry=self.registry)
        self.prices_as_of = Gauge(
            "shopwright_prices_as_of_timestamp_seconds",
            "When the catalogue was head office's newest, by its clock",
            registry=self.registry,
        )
        self.prices_age = Gauge(
            "shopwright_prices_age_seconds", "How long ago that was; not a number if unknown", registry=self.registry
        )
        self.feed_cursor = Gauge("shopwright_feed_cursor", "The feed's newest row that is here", registry=self.registry)
        self.feed_rows = Counter("shopwright_feed_rows", "Rows taken from the feed", registry=self.registry)
        self.snapshots = Counter("shopwright_snapshots", "Whole catalogues taken", registry=self.registry)
        self.device_ready = Gauge(
            "shopwright_device_ready", "1 while a device works", ["device", "kind"], registry=self.registry
        )
        self.device_changes = Counter(
            "shopwright_device_changes",
            "Changes of devices, by what they became",
            ["device", "kind", "state"],
            registry=self.registry,
        )
        self.tag_reads = Counter("shopwright_tag_reads", "Reads of RFID tags", ["device"], registry=self.registry)
        self.tag_reads_dropped = Counter(
            "shopwright_tag_reads_dropped",
            "Reads of RFID tags that were lost in a storm, at least",
            ["device"],
            registry=self.registry,
        )
        self.tag_reports_unreadable = Counter(
            "shopwright_tag_reports_unreadable",
            "Reports of RFID readers that made no sense",
            ["device"],
            registry=self.registry,
        )
        self.broker_refusals = Counter(
            "shopwright_broker_refusals", "Clients sent away or cut off, by reason", ["reason"], registry=self.registry
        )
        self.outbox_waiting = Gauge(
            "shopwright_outbox_waiting", "Promised messages sent and not yet acknowledged", registry=self.registry
        )
        self.outbox_acknowledged = Counter(
            "shopwright_outbox_acknowledged", "Promised messages that have their receipt", registry=self.registry
        )
        self.outbox_given_up = Counter(
            "shopwright_outbox_given_up", "Promised messages dropped without a receipt", registry=self.registry
        )
