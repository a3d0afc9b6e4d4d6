-- What the books say of a loan, held by PostgreSQL itself, in the manner of the ledger's guards (ledger/sql). The ledger
-- knows no loans: the key of its transfers on them sits here.

ALTER TABLE ledger_transfers
    ADD CONSTRAINT loans_transfers_loan_exists FOREIGN KEY (loan_id) REFERENCES loans_driverloan (id);

-- At the end of the transaction, a loan's transfer is of its principal, and stands exactly until the loan is voided.
CREATE FUNCTION loans_check_paid_out(loan bigint) RETURNS void LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    found_ loans_driverloan;
    written numeric;
    stands boolean;
BEGIN
    -- Its lock orders what is written about it at once: who comes second sees the first.
    SELECT * INTO found_ FROM loans_driverloan WHERE id = loan FOR NO KEY UPDATE;
    SELECT t.amount, NOT EXISTS (SELECT FROM ledger_transfers r WHERE r.reverses_id = t.id) INTO written, stands
        FROM ledger_transfers t WHERE t.loan_id = loan AND t.reverses_id IS NULL;
    IF written IS NOT NULL AND (written <> found_.principal OR stands = (found_.status = 'VOIDED')) THEN
        RAISE EXCEPTION 'loan %: a transfer of its principal stands exactly until it is voided', loan
            USING ERRCODE = '23514', CONSTRAINT = 'loans_paid_out_as_it_stands', TABLE = 'loans_driverloan';
    END IF;
END $$;

CREATE FUNCTION loans_check_loan() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM loans_check_paid_out(NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION loans_check_transfer() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM loans_check_paid_out(NEW.loan_id);
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER loans_driverloan_paid_out AFTER UPDATE ON loans_driverloan
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
    WHEN ((OLD.status = 'VOIDED') <> (NEW.status = 'VOIDED') OR OLD.principal <> NEW.principal)
    EXECUTE FUNCTION loans_check_loan();
CREATE CONSTRAINT TRIGGER loans_transfers_paid_out AFTER INSERT ON ledger_transfers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.loan_id IS NOT NULL)
    EXECUTE FUNCTION loans_check_transfer();

ALTER TABLE loans_driverloan ENABLE ALWAYS TRIGGER loans_driverloan_paid_out;
ALTER TABLE ledger_transfers ENABLE ALWAYS TRIGGER loans_transfers_paid_out;
