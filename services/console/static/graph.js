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
      layout: { name: 'preset', positions: positions(yard), fit: true, padding: 24 },
      userZoomingEnabled: false,
      boxSelectionEnabled: false,
      autounselectify: true,
    });
    new ResizeObserver(() => { this.view.resize(); this.view.fit(undefined, 24); }).observe(container);
  }

  /** Takes the colours of the theme in use. */
  restyle() {
    this.view.style(style());
  }

  /** Health of every service, and a light on the link of every connection that opened. */
  update({ seen, states }) {
    for (const state of states) {
      const node = this.view.getElementById(this.byRole.get(state.role) ?? state.role);
      node.toggleClass('up', state.healthy).toggleClass('down', !state.healthy);
    }
    for (const role of Object.keys(seen)) this.light(role);
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
    const shown = ['reference', 'unknown'].includes(service.implementation) ? service.name : `${service.name} (${service.implementation})`;
    return {
      data: {
        id: service.name,
        label: `${shown}\n${own}${service.port ? `  :${service.port}` : ''}`,
        ...(networks.length === 1 ? { parent: `network ${networks[0]}` } : {}),
      },
      classes: service.journal ? 'service' : 'service silent',
    };
  });
}

function links(yard) {
  return yard.links.map(([source, target]) => ({ data: { id: `${source} ${target}`, source, target } }));
}

/** The client in the middle of the outer network, the others round it; what stands on two networks between them. */
function positions(yard) {
  const found = {};
  const outer = yard.networks.find((network) => !network.internal)?.name;
  const on = (service) => Object.keys(service.addresses);
  const bridges = yard.services.filter((service) => on(service).length > 1);
  const inner = yard.services.filter((service) => on(service).length === 1 && on(service)[0] !== outer);
  const ring = yard.services.filter((service) => !bridges.includes(service) && !inner.includes(service) && service.role !== 'client');
  const rows = Math.ceil(ring.length / 2);
  ring.forEach((service, index) => {
    const row = index % rows;
    found[service.name] = { x: index < rows ? 0 : 400, y: row * 90 };
  });
  const middle = ((rows - 1) * 90) / 2;
  found.client = { x: 200, y: middle };
  bridges.forEach((service, index) => { found[service.name] = { x: 590, y: middle + index * 90 }; });
  inner.forEach((service, index) => { found[service.name] = { x: 780, y: middle + index * 90 }; });
  return found;
}

function style() {
  const colours = getComputedStyle(document.documentElement);
  const colour = (name) => colours.getPropertyValue(`--${name}`).trim();
  const text = { color: colour('ink'), 'font-family': 'system-ui, sans-serif', 'text-wrap': 'wrap' };
  return [
    { selector: 'node.service', style: { ...text, label: 'data(label)', 'font-size': 11, shape: 'round-rectangle', width: 128, height: 46,
      'text-valign': 'center', 'background-color': colour('paper'), 'border-width': 2, 'border-color': colour('silent') } },
    { selector: 'node.silent', style: { 'border-style': 'dashed' } },
    { selector: 'node.up', style: { 'border-color': colour('up') } },
    { selector: 'node.down', style: { 'border-color': colour('down'), 'border-width': 4 } },
    { selector: 'node.network', style: { ...text, label: 'data(label)', 'font-size': 11, color: colour('faint'), 'text-valign': 'top',
      'text-margin-y': -4, shape: 'round-rectangle', 'background-opacity': 0, 'border-width': 1, 'border-color': colour('line'), padding: 16 } },
    { selector: 'node.internal', style: { 'border-style': 'dashed' } },
    { selector: 'edge', style: { width: 1.5, 'line-color': colour('line'), 'curve-style': 'straight' } },
    { selector: 'edge.lit', style: { width: 4, 'line-color': colour('lit') } },
  ];
}
