// The networks as boxes, the services as nodes, who talks to whom as links that light up.

const LIT_FOR = 900;

export class Graph {
  constructor(container, yard) {
    this.byRole = new Map(yard.services.map((service) => [service.role, service.name]));
    this.journals = new Set(yard.services.filter((service) => service.journal).map((service) => service.role));
    this.timers = new Map();
    this.view = cytoscape({
      container,
      elements: [...boxes(yard), ...nodes(yard), ...links(yard)],
      style: style(),
      layout: { name: 'preset', positions: positions(yard), fit: true, padding: 8 },
      userZoomingEnabled: false,
      boxSelectionEnabled: false,
      autounselectify: true,
    });
    new ResizeObserver(() => { this.view.resize(); this.view.fit(undefined, 8); }).observe(container);
  }

  /** Takes the colours of the theme in use. */
  restyle() {
    this.view.style(style());
  }

  /** Health of every service, and a light on the link of every connection that opened. */
  update({ seen, states }) {
    for (const state of states) {
      if (!this.journals.has(state.role) || state.healthy === undefined) continue;
      const node = this.view.getElementById(this.byRole.get(state.role) ?? state.role);
      node.toggleClass('up', state.healthy).toggleClass('down', !state.healthy);
    }
    for (const role of Object.keys(seen)) this.light(role);
  }

  /** Who fills each role now; one without a journal is drawn as such. */
  name(roles) {
    for (const [role, { implementation, journal }] of Object.entries(roles)) {
      const node = this.view.getElementById(this.byRole.get(role) ?? role);
      node.data('label', label(node.id(), implementation, node.data('place')));
      node.toggleClass('silent', !journal);
      if (!journal) node.removeClass('up down');
      this.journals[journal ? 'add' : 'delete'](role);
    }
  }

  light(role) {
    const link = this.view.edges(`[target = "${this.byRole.get(role) ?? role}"]`);
    link.addClass('lit');
    clearTimeout(this.timers.get(role));
    this.timers.set(role, setTimeout(() => link.removeClass('lit'), LIT_FOR));
  }
}

function boxes(yard) {
  return yard.networks.map((network) => ({
    data: { id: `network ${network.name}`, label: `${network.name}  ${network.subnets.join('  ')}` },
    classes: network.internal ? 'network internal' : 'network',
  }));
}

function nodes(yard) {
  return yard.services.map((service) => {
    const networks = Object.keys(service.addresses);
    const own = networks.map((name) => service.addresses[name][0]).join('\n');
    return {
      data: {
        id: service.name,
        label: label(service.name, service.implementation, own + (service.port ? ` :${service.port}` : '')),
        place: own + (service.port ? ` :${service.port}` : ''),
        ...(networks.length === 1 ? { parent: `network ${networks[0]}` } : {}),
      },
      classes: service.journal ? 'service' : 'service silent',
    };
  });
}

function label(name, implementation, place) {
  const shown = ['reference', 'unknown'].includes(implementation) ? name : `${name} (${implementation})`;
  return `${shown}\n${place}`;
}

function links(yard) {
  return yard.links.map(([source, target]) => ({ data: { id: `${source} ${target}`, source, target } }));
}

/** The client between the others of the outer network; below, what stands on two, and beside it what is inside. */
function positions(yard) {
  const found = {};
  const [column, line] = [172, 68];
  const outer = yard.networks.find((network) => !network.internal)?.name;
  const on = (service) => Object.keys(service.addresses);
  const bridges = yard.services.filter((service) => on(service).length > 1);
  const inner = yard.services.filter((service) => on(service).length === 1 && on(service)[0] !== outer);
  const ring = yard.services.filter((service) => !bridges.includes(service) && !inner.includes(service) && service.role !== 'client');
  const rows = Math.ceil(ring.length / 2);
  ring.forEach((service, index) => {
    found[service.name] = { x: index < rows ? 0 : 2 * column, y: (index % rows) * line };
  });
  found.client = { x: column, y: ((rows - 1) * line) / 2 };
  const below = rows * line + 28;
  bridges.forEach((service, index) => { found[service.name] = { x: column, y: below + index * line }; });
  inner.forEach((service, index) => { found[service.name] = { x: 2 * column, y: below + index * line }; });
  return found;
}

function style() {
  const colours = getComputedStyle(document.documentElement);
  const colour = (name) => colours.getPropertyValue(`--${name}`).trim();
  const text = { color: colour('ink'), 'font-family': 'system-ui, sans-serif', 'text-wrap': 'wrap' };
  return [
    { selector: 'node.service', style: { ...text, label: 'data(label)', 'font-size': 13, shape: 'round-rectangle', width: 152, height: 50,
      'text-valign': 'center', 'background-color': colour('paper'), 'border-width': 2, 'border-color': colour('silent') } },
    { selector: 'node.silent', style: { 'border-style': 'dashed' } },
    { selector: 'node.up', style: { 'border-color': colour('up') } },
    { selector: 'node.down', style: { 'border-color': colour('down'), 'border-width': 4 } },
    { selector: 'node.network', style: { ...text, label: 'data(label)', 'font-size': 13, color: colour('faint'), 'text-valign': 'top',
      'text-margin-y': -4, shape: 'round-rectangle', 'background-opacity': 0, 'border-width': 1, 'border-color': colour('line'), padding: 12 } },
    { selector: 'node.internal', style: { 'border-style': 'dashed' } },
    { selector: 'edge', style: { width: 1.5, 'line-color': colour('line'), 'curve-style': 'straight' } },
    { selector: 'edge.lit', style: { width: 4, 'line-color': colour('lit') } },
  ];
}
