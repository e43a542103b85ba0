"""The reference topics: the directory of Users, Incidents, and every version of every Device's record."""

from typing import Final

from dcc_analytics.catalogue.months import day_text
from dcc_analytics.simulator import stories
from dcc_analytics.simulator.estate import MAKERS, NONE, REGIONS, SMETS1, Estate, user_of
from dcc_analytics.simulator.nation import DAY_MS, HOUR_MS, MINUTE_MS, Nation
from dcc_analytics.simulator.parties import AREAS, parties
from dcc_analytics.simulator.text import CHF, ESME, GPF, GSME, KINDS, PPMID, Lines, device_id, instant, line, mpan

#: Records reach their topic a little after what they tell of.
_TOLD_AFTER_MS: Final = 2_000
_COMMISSIONED_AFTER_MS: Final = 30 * MINUTE_MS
_AREAS: Final = tuple(AREAS.items())
#: Every seventh home prepays, every tenth has no display.
_PREPAYS_EVERY: Final = 7
_NO_DISPLAY_EVERY: Final = 10


def directory_lines(nation: Nation) -> list[str]:
    """Return the entries of all Users, a year old when the first month begins."""
    at_ms = nation.start_ms - 365 * DAY_MS
    lines = []
    for party in parties():
        roles = '","'.join(party.roles)
        group = f',"group":"{party.group}"' if party.group else ""
        for user in party.users:
            value = (
                f'"user":"{user}","party":"{party.code}","party_name":"{party.name}","roles":["{roles}"],'
                f'"size":"{party.size}","as_of":"{instant(at_ms)}"{group}'
            )
            lines.append(line(at_ms + _TOLD_AFTER_MS, user, value))
    return lines


def incident_lines(nation: Nation) -> list[str]:
    """Return the planted Incident in its two versions, and small ones of every month."""
    opened_ms, closed_ms = stories.Stories(nation).incident_ms
    region = stories.INCIDENT_REGION
    told = [("INC000001", 1, opened_ms, closed_ms, f'"{region}","4G {region}"', "Messages of a Region fail")]
    for number, month in enumerate(nation.all_months):
        at_ms = month.start_us // 1000 + 4 * DAY_MS + 9 * HOUR_MS
        told.append((f"INC{number + 2:06d}", 3, at_ms, at_ms + 20 * HOUR_MS, '"SMETS1"', "Slow answers"))
    lines = []
    for name, category, begin_ms, end_ms, regions, summary in told:
        known = (
            f'"incident":"{name}","category":{category},"opened_at":"{instant(begin_ms)}","regions":[{regions}],'
            f'"summary":"{summary}"'
        )
        opened = f'{known},"as_of":"{instant(begin_ms + 10 * MINUTE_MS)}"'
        lines.append(line(begin_ms + 10 * MINUTE_MS, name, opened))
        closed = f'{known},"closed_at":"{instant(end_ms)}","as_of":"{instant(end_ms + HOUR_MS)}"'
        lines.append(line(end_ms + HOUR_MS, name, closed))
    return lines


def inventory_lines(estate: Estate, homes: range) -> list[str]:
    """Return every version of the records of the Devices of homes."""
    lines = Lines()
    for home in homes:
        _add_home(lines, estate, home)
    return lines.by_topic["devices"]


def _add_home(lines: Lines, estate: Estate, home: int) -> None:
    """Add a home's Devices: pending and commissioned, gained by another supplier, with other firmware."""
    is_new, installed_ms = bool(estate.is_new[home]), int(estate.installed_ms[home])
    for kind in (CHF, GPF, ESME, GSME, PPMID):
        if (kind == GSME and estate.gas[home] == NONE) or (kind == PPMID and home % _NO_DISPLAY_EVERY == 0):
            continue
        common = _common(estate, home, kind)
        made, version = _made(estate, home, kind)
        common += made
        firmware = _version(version)
        suppliers = _suppliers(estate, home, kind, int(estate.supplier[home]))
        if is_new:
            pending = f'"status":"Pending",{common}{firmware}{suppliers}'
            _add(lines, home, kind, installed_ms - 2 * DAY_MS, pending)
            installed = "InstalledNotCommissioned" if estate.left[home] else "Commissioned"
            date = "" if estate.left[home] else f'"date_commissioned":"{day_text(installed_ms // DAY_MS)}",'
            known = f'"status":"{installed}",{date}{common}'
            _add(lines, home, kind, installed_ms + _COMMISSIONED_AFTER_MS, f"{known}{firmware}{suppliers}")
        else:
            known = f'"status":"Commissioned","date_commissioned":"{day_text(installed_ms // DAY_MS)}",{common}'
            _add(lines, home, kind, installed_ms, f"{known}{firmware}{suppliers}")
        for at_ms, runs, registered in _changes(estate, home, kind, firmware, suppliers):
            _add(lines, home, kind, at_ms, f"{known}{runs}{registered}")


def _add(lines: Lines, home: int, kind: int, at_ms: int, fields: str) -> None:
    name = device_id(home, kind)
    lines.add("devices", at_ms + _TOLD_AFTER_MS, name, f'"device":"{name}","as_of":"{instant(at_ms)}",{fields}')


def _changes(estate: Estate, home: int, kind: int, firmware: str, suppliers: str) -> list[tuple[int, str, str]]:
    """Return instants with the firmware and the suppliers from then on, in order of time."""
    told = []
    if kind == ESME and estate.upgrade_ms[home]:
        told.append((int(estate.upgrade_ms[home]), "firmware", _version(stories.BAD_FIRMWARE)))
    if kind == ESME and estate.mended_ms[home]:
        told.append((int(estate.mended_ms[home]), "firmware", _version(stories.MENDED_FIRMWARE)))
    if estate.gain_ms[home]:
        gained = _suppliers(estate, home, kind, int(estate.gainer[home]))
        told.append((int(estate.gain_ms[home]) + MINUTE_MS, "suppliers", gained))
    changes = []
    for at_ms, what, text in sorted(told):
        firmware, suppliers = (text, suppliers) if what == "firmware" else (firmware, text)
        changes.append((at_ms, firmware, suppliers))
    return changes


def _common(estate: Estate, home: int, kind: int) -> str:
    """Return the fields no version of a Device's record changes."""
    region = REGIONS[estate.region[home]]
    old = region == "SMETS1"
    shown = f"4G {region}" if estate.four_g[home] and not old else region
    licence, (_, letter) = _AREAS[estate.area[home]]
    fields = f'"device_type":"{KINDS[kind]}","csp_region":"{shown}","cpl_status":"Active",'
    if kind != CHF:
        fields += f'"chf":"{device_id(home, CHF)}",'
    if kind == ESME:
        prepays = "Prepayment" if home % _PREPAYS_EVERY == 0 else "Credit"
        fields += (
            f'"meter_type":"Electricity","esme_variant":"A","payment_mode":"{prepays}",'
            f'"import_mpxn":"{mpan(licence, home)}","gsp_group":"_{letter}",'
            f'"network_operator_id":"{user_of(int(estate.ed[home]), home)}",'
        )
    elif kind in {GPF, GSME} and estate.gt[home] != NONE:
        fields += f'"meter_type":"Gas","network_operator_id":"{user_of(int(estate.gt[home]), home)}",'
    if kind in {CHF, GPF}:
        return f'{fields}"smets_chts_version":"{"CHTS V1.0" if old else "CHTS V1.4"}",'
    return f'{fields}"smets_version":"{"SMETS1" if old else "SMETS2+"}",'


def _made(estate: Estate, home: int, kind: int) -> tuple[str, str]:
    """Return maker and Model of a Device, and its firmware when it is installed."""
    letter = MAKERS[estate.maker[home]]
    old = estate.region[home] == SMETS1
    if kind == ESME:
        version = stories.GOOD_FIRMWARE if estate.maker[home] == stories.BAD_MAKER else f"2.{home % 3}"
        return _model(f"Maker {letter}", f"{letter}-{'100' if old else '300'}"), "1.9" if old else version
    if kind == GSME:
        return _model(f"Maker G{home % 3}", f"G-{home % 3}0"), f"4.{home % 2}"
    if kind == PPMID:
        return _model("Maker P", "P-7"), "1.2"
    return _model("Maker H", "H4 4G" if estate.four_g[home] else "H3"), "4.02"


def _model(manufacturer: str, model: str) -> str:
    return f'"device_manufacturer":"{manufacturer}","device_model":"{model}",'


def _version(firmware: str) -> str:
    return f'"device_firmware_version":"{firmware}"'


def _suppliers(estate: Estate, home: int, kind: int, supplier: int) -> str:
    """Return who is registered for a Device: gas suppliers for gas, exporters beside importers for electricity."""
    if kind in {GPF, GSME}:
        gas = int(estate.gas[home])
        return f',"gas_supplier_id":"{user_of(gas, home)}"' if gas != NONE else ""
    fields = f',"import_supplier_id":"{user_of(supplier, home)}"'
    export = int(estate.export[home])
    if kind == ESME and export != NONE:
        fields += f',"export_supplier_id":"{user_of(export, home)}"'
    return fields
