"""Every bound in one place: lengths, sizes, counts. Constraints and tests read it."""

NAME = 200  # a name of a person, company, product
CODE = 80  # a reference, SKU, account code, key that people type
TEXT = 2_000  # a description or note on a line
REASON = 500  # why somebody did something
QUESTION_TEXT = 5_000  # a message about a document
EMAIL = 254  # RFC 5321
URL = 2_000

LINES_PER_DOCUMENT = 10_000
DOCUMENTS_PER_CUSTOMER = 1_000  # in one bill run
CHARGES_PER_PART = 5_000
DOCUMENTS_PER_CHUNK = 500
IMPORT_BYTES = 64 * 1024 * 1024
IMPORT_ROWS = 1_000_000
IMPORT_ROW_BYTES = 64 * 1024
ROW_ERRORS_SHOWN = 1_000
SETTINGS_BYTES = 64 * 1024
SETTING_TEXT = 16_000  # one setting or secret, such as a private key
PAYLOAD_BYTES = 64 * 1024
ANSWER_BYTES = 4 * 1024 * 1024  # what an idempotency key remembers
JSON_DEPTH = 16
JSON_NUMBER = 2**53 - 1  # RFC 7493: what every reader of JSON takes whole
CHARGES_PER_REQUEST = 1_000
JOB_ATTEMPTS = 8
JOB_CRASHES = 10  # how often a worker may die over a job before it is given up
PAGE_ROWS = 1_000
RECIPIENTS = 50  # of one delivery
STATEMENT_ITEMS = 1_000  # listed on a statement; the sums count all
ARCHIVE_DOCUMENTS = 5_000
ARCHIVE_BYTES = 2 * 1024 * 1024 * 1024
